import type { Message, Participant } from '@midsentence/core'
import { type Attention, matchesAttention } from './attention.ts'

/**
 * Watches a participant and aborts its signal as soon as an unseen message matches `attention`, or a person silences the models
 * of the room.
 */
export class InterruptionWatch {
  /** The message that matched. */
  interruptedBy: Message | undefined
  /** A person has silenced the models. */
  isHushed = false
  /** Aborts on a match or a hush, and when `ended` aborts. */
  readonly signal: AbortSignal
  readonly #stopping = new AbortController()
  readonly #subscription: { unsubscribe(): void }

  constructor(participant: Participant, attention: Attention, ended: AbortSignal) {
    this.signal = AbortSignal.any([ended, this.#stopping.signal])
    let checkedUpTo = participant.state.head
    this.#subscription = participant.state$.subscribe(({ unseen, hushed }) => {
      if (hushed && !this.interruptedBy) {
        this.isHushed = true
        this.#stopping.abort()
      }
      if (unseen === 0 || this.isHushed || this.interruptedBy) return
      for (const message of participant.state.inbox.unseen) {
        if (message.seq <= checkedUpTo) continue
        checkedUpTo = message.seq
        if (!matchesAttention(attention, message, participant.name)) continue
        this.interruptedBy = message
        this.#stopping.abort()
        return
      }
    })
  }

  close(): void {
    this.#subscription.unsubscribe()
  }
}
