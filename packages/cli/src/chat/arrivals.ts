import { shownName } from '@midsentence/client'
import type { ActionAnswer, Participant } from '@midsentence/core'

/** Has everything given to `show` as soon as it is there, and says who comes and goes. Ends when the participant closes. */
export function showArrivals(
  participant: Participant,
  show: (answer: ActionAnswer) => void,
  say: (sentence: string) => void,
): void {
  let asking = false
  const ask = async (): Promise<void> => {
    asking = true
    while (participant.view.unseen > 0) show(await participant.check({ timeout_ms: 0 }))
    asking = false
  }
  participant.state$.subscribe(({ unseen }) => {
    // Once what is happening has happened.
    if (unseen > 0 && !asking) queueMicrotask(() => void ask().catch(() => {}))
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
