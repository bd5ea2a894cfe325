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

/** One call of an action: its input, the caller's cursor, and its outcome. */
export interface ClientCall {
  readonly action: 'append' | 'undo' | 'reset' | 'preview' | 'push' | 'check'
  /** Position among the calls and joins of all clients. */
  readonly order: number
  readonly text: string
  /** The caller's cursor when it called. */
  readonly base: Seq
  answer: AnswerBase | undefined
  error: MidsentenceError | undefined
}

let order = 0

/** A participant that records its calls and the messages it receives. */
export class RecordingClient {
  readonly participant: Participant
  readonly peer: Transport
  readonly calls: ClientCall[] = []
  /** Every message that its answers contained, in order. */
  readonly received: Message[] = []
  readonly missed: { readonly from: Seq; readonly to: Seq }[] = []
  readonly cursorAtJoin: Seq
  /** Position of its join among the calls and joins of all clients. */
  readonly joinOrder = order++
  readonly #open = new Set<Promise<unknown>>()

  constructor(participant: Participant, peer: Transport) {
    this.participant = participant
    this.peer = peer
    this.cursorAtJoin = participant.view.cursor
  }

  get name(): string {
    return this.participant.name
  }

  /** Resolves when every call except a waiting check has ended. */
  get answered(): Promise<unknown> {
    return Promise.all(this.#open)
  }

  get contents(): string[] {
    return this.received.map(message => message.content)
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

  #record<A extends AnswerBase>(action: ClientCall['action'], text: string, run: () => Promise<A>): Promise<A> {
    const base = this.participant.view.cursor
    const call: ClientCall = { action, order: order++, text, base, answer: undefined, error: undefined }
    this.calls.push(call)
    const answer = run()
    const ended = answer.then(
      news => {
        call.answer = news
        this.received.push(...news.messages)
        if (news.missed) this.missed.push(news.missed)
      },
      error => {
        if (isMidsentenceError(error)) call.error = error
      },
    )
    if (action !== 'check') {
      this.#open.add(ended)
      void ended.then(() => this.#open.delete(ended))
    }
    // Recorded before its caller continues, since a failed check may end the case at once.
    const recorded = ended.then(() => answer)
    recorded.catch(() => {})
    return recorded
  }
}
