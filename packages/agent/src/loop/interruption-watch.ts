import { type LinkedSignal, linkSignals, type Message, type Participant } from '@midsentence/core'
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
  readonly #stopped: LinkedSignal
  readonly #subscription: { unsubscribe(): void }

  constructor(participant: Participant, attention: Attention, ended: AbortSignal) {
    this.#stopped = linkSignals([ended])
    let checkedUpTo = participant.state.head
    this.#subscription = participant.state$.subscribe(({ unseen, hushed }) => {
      if (hushed && !this.interruptedBy) {
        this.isHushed = true
        this.#stopped.abort()
      }
      if (unseen === 0 || this.isHushed || this.interruptedBy) return
      for (const message of participant.state.inbox.unseen) {
        if (message.seq <= checkedUpTo) continue
        checkedUpTo = message.seq
        if (!matchesAttention(attention, message, participant.name)) continue
        this.interruptedBy = message
        this.#stopped.abort()
        return
      }
    })
  }

  /** Aborts on a match, and when `ended` aborts. */
  get signal(): AbortSignal {
    return this.#stopped.signal
  }

  close(): void {
    this.#stopped.unlink()
    this.#subscription.unsubscribe()
  }
}
