import { shownName } from '@midsentence/client'
import type { ActionAnswer, Participant } from '@midsentence/core'

/** Passes new messages to `show` as they arrive, and presence and link changes to `say`, until the participant closes. */
export function showIncoming(
  participant: Participant,
  show: (answer: ActionAnswer) => void,
  say: (sentence: string) => void,
): void {
  let checking = false
  const check = async (): Promise<void> => {
    checking = true
    while (participant.view.unseen > 0) show(await participant.check({ timeout_ms: 0 }))
    checking = false
  }
  participant.state$.subscribe(({ unseen }) => {
    // A microtask later, because the machine is still handling the event. `runChat` reports a lost link.
    if (unseen > 0 && !checking) queueMicrotask(() => void check().catch(() => {}))
  })

  let wasDown = false
  const present = new Set(participant.view.present)
  participant.events$.subscribe(event => {
    if (event.type === 'presence.changed') {
      const { sender_id, present: here } = event
      if (sender_id === participant.name || present.has(sender_id) === here) return
      if (here) present.add(sender_id)
      else present.delete(sender_id)
      say(`${shownName(sender_id)} is ${here ? 'here' : 'gone'}.`)
    }
    if (event.type !== 'link.changed') return
    if (event.link.state === 'up' && wasDown) say('Connected again.')
    if (event.link.state === 'down') say(event.link.reason)
    wasDown = event.link.state !== 'up'
  })
}
