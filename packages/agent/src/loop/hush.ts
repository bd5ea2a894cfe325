import type { Participant } from '@midsentence/core'

/** Tells the person who runs a model why it does not speak. */
export const silencedText =
  'A person has asked the models of this room to be silent. It waits until a person sends a message, or lifts that.'

/** Resolves when the models of the room may speak, or the participant has closed. Rejects with the signal's reason. */
export function untilHushEnds(participant: Participant, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => settle(() => reject(signal.reason))
    const subscription = participant.state$.subscribe({
      next({ hushed }) {
        // Its first value comes before `subscribe` returns.
        if (!hushed) queueMicrotask(() => settle(resolve))
      },
      complete: () => queueMicrotask(() => settle(resolve)),
    })
    const settle = (outcome: () => void) => {
      subscription.unsubscribe()
      signal.removeEventListener('abort', stop)
      outcome()
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
