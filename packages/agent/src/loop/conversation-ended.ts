import type { EndReason } from './events.ts'

/** Ends a conversation from anywhere in its turn loop. Never leaves `converse`. */
export class ConversationEnded extends Error {
  readonly ending: { readonly reason: EndReason; readonly sentence: string }

  constructor(reason: EndReason, sentence: string) {
    super(sentence)
    this.ending = { reason, sentence }
  }
}
