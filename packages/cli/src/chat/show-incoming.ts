import { nameInSentence } from '@midsentence/client'
import type { ActionAnswer, Participant } from '@midsentence/core'

export interface IncomingHandlers {
  /** Called with the first answer, which gives what was said before, and with each one that gives new messages. */
  received(answer: ActionAnswer, isFirst: boolean): void
  /** Called with a sentence about presence or the link. */
  say(sentence: string): void
  /** Called with the names of those who write, in the order in which they began. */
  writing(names: readonly string[]): void
}

/** Passes on new messages as they arrive, and changes of presence and link, until the participant closes. */
export function showIncoming(participant: Participant, { received, say, writing }: IncomingHandlers): void {
  let checking = true
  const check = async (): Promise<void> => {
    checking = true
    while (participant.view.unseen > 0) received(await participant.check({ timeout_ms: 0 }), false)
    checking = false
  }
  // What was said before the join counts as seen, but the first answer gives it.
  const first = participant.check({ timeout_ms: 0 }).then(answer => received(answer, true))
  void first.then(check).catch(() => {})
  participant.state$.subscribe(({ unseen }) => {
    // A microtask later, because the machine is still handling the event. `runChat` reports a lost link.
    if (unseen > 0 && !checking) queueMicrotask(() => void check().catch(() => {}))
  })

  let wasDown = false
  const present = new Set(participant.view.present)
  const writers = new Set<string>()
  const setWriting = (name: string, writes: boolean) => {
    if (writers.has(name) === writes || name === participant.name) return
    if (writes) writers.add(name)
    else writers.delete(name)
    writing([...writers])
  }
  participant.events$.subscribe(event => {
    if (event.type === 'presence.changed') {
      const { sender_id, present: here, writing: writes } = event
      setWriting(sender_id, here && writes)
      if (sender_id === participant.name || present.has(sender_id) === here) return
      if (here) present.add(sender_id)
      else present.delete(sender_id)
      say(`${nameInSentence(sender_id)} is ${here ? 'here' : 'gone'}.`)
    }
    if (event.type !== 'link.changed') return
    if (event.link.state === 'up' && wasDown) say('Connected again.')
    if (event.link.state === 'down') say(event.link.reason)
    wasDown = event.link.state !== 'up'
  })
}
