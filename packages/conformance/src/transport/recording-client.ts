import {
  type AnswerBase,
  isMidsentenceError,
  type Message,
  type MidsentenceError,
  type Participant,
  type PushAnswer,
  type Seq,
  type Transport,
} from '@midsentence/core'

/** One action that was called: with what, knowing what, and what came of it. */
export interface Call {
  readonly action: 'append' | 'undo' | 'reset' | 'preview' | 'push' | 'check'
  readonly text: string
  /** The caller's cursor when it called. */
  readonly base: Seq
  answer: AnswerBase | undefined
  error: MidsentenceError | undefined
}

/** A participant whose every call and every given message is written down. */
export class Speaker {
  readonly participant: Participant
  readonly peer: Transport
  readonly calls: Call[] = []
  /** Everything its actions gave it, in the order given. */
  readonly given: Message[] = []
  readonly missed: { readonly from: Seq; readonly to: Seq }[] = []
  readonly cursorAtJoin: Seq
  readonly #open = new Set<Promise<unknown>>()

  constructor(participant: Participant, peer: Transport) {
    this.participant = participant
    this.peer = peer
    this.cursorAtJoin = participant.view.cursor
  }

  get name(): string {
    return this.participant.name
  }

  /** Resolves when every call but a waiting check has ended. */
  get answered(): Promise<unknown> {
    return Promise.all(this.#open)
  }

  get contents(): string[] {
    return this.given.map(message => message.content)
  }

  append(text: string) {
    return this.#record('append', text, () => this.participant.append(text))
  }

  undo() {
    return this.#record('undo', '', () => this.participant.undo())
  }

  reset() {
    return this.#record('reset', '', () => this.participant.reset())
  }

  preview() {
    return this.#record('preview', '', () => this.participant.preview())
  }

  push(): Promise<PushAnswer> {
    return this.#record('push', '', () => this.participant.push())
  }

  check(options?: Parameters<Participant['check']>[0]) {
    return this.#record('check', '', () => this.participant.check(options))
  }

  #record<A extends AnswerBase>(action: Call['action'], text: string, act: () => Promise<A>): Promise<A> {
    const call: Call = { action, text, base: this.participant.view.cursor, answer: undefined, error: undefined }
    this.calls.push(call)
    const answer = act()
    const noted = answer.then(
      news => {
        call.answer = news
        this.given.push(...news.messages)
        if (news.missed) this.missed.push(news.missed)
      },
      error => {
        if (isMidsentenceError(error)) call.error = error
      },
    )
    if (action !== 'check') {
      this.#open.add(noted)
      void noted.then(() => this.#open.delete(noted))
    }
    // Noted before its caller goes on, which a broken rule may not live to see.
    const told = noted.then(() => answer)
    told.catch(() => {})
    return told
  }
}
