/** One request and its answer. `began` and `ended` number the events of a transcript in order. */
export type HttpStep = RpcStep | StreamStep

interface TimedStep {
  /** Whose token was sent: the number of its join, from 1; 0 without a token. A string is a token of no join. */
  readonly as: number | string
  readonly began: number
  ended?: number
}

export interface RpcStep extends TimedStep {
  readonly type: 'rpc'
  readonly request: string
  /** Undefined if there was no answer. */
  answer?: string | undefined
  /** The caller disconnected before the answer. */
  abandoned?: boolean
}

export interface StreamStep extends TimedStep {
  readonly type: 'events'
  readonly room: string
  readonly after?: string
  readonly lastEventId?: string
  status?: number
  /** How many events the stream brought. */
  events: number
}

/** The requests and answers of one case. */
export interface HttpTranscript {
  readonly url: string
  readonly room: string
  readonly steps: readonly HttpStep[]
}

/** Records the requests and answers of one case, without tokens. */
export class TranscriptRecorder {
  readonly tokens: string[] = []
  readonly steps: HttpStep[] = []
  #moment = 0

  rpc(request: string, token: string | undefined): RpcStep {
    const step: RpcStep = { type: 'rpc', as: this.#who(token), request: this.redact(request), began: this.#moment++ }
    this.steps.push(step)
    return step
  }

  stream(room: string, token: string | undefined, place: { after?: string; lastEventId?: string }): StreamStep {
    const step: StreamStep = { type: 'events', as: this.#who(token), room, ...place, events: 0, began: this.#moment++ }
    this.steps.push(step)
    return step
  }

  /** Ends a step with its answer. Tokens in the answer are hidden from now on. */
  end(step: HttpStep, answer?: string): void {
    step.ended = this.#moment++
    if (step.type === 'events' || answer === undefined) return
    for (const [, token] of answer.matchAll(/"token"\s*:\s*"([^"\\]+)"/g))
      if (!this.tokens.includes(token!)) this.tokens.push(token!)
    step.answer = this.redact(answer)
  }

  /** Replaces the tokens in `text` by `$T1`, `$T2` … */
  redact(text: string): string {
    return this.tokens.reduce((shown, token, at) => shown.replaceAll(token, `$T${at + 1}`), text)
  }

  #who(token: string | undefined): number | string {
    if (token === undefined) return 0
    const known = this.tokens.indexOf(token)
    return known < 0 ? this.redact(token) : known + 1
  }
}
