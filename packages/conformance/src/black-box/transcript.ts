/** One thing that was asked of a server, and what came of it. `began` and `ended` count all of a transcript. */
export type HttpStep = RpcStep | StreamStep

interface TimedStep {
  /** Who asked: the number of the join whose token was sent, from 1; 0 without one. A text: that token, which none gave. */
  readonly as: number | string
  readonly began: number
  ended?: number
}

export interface RpcStep extends TimedStep {
  readonly type: 'rpc'
  readonly request: string
  /** What was answered; undefined where nothing was. */
  answer?: string | undefined
  /** The caller did not wait for it. */
  abandoned?: boolean
}

export interface StreamStep extends TimedStep {
  readonly type: 'events'
  readonly room: string
  readonly after?: string
  readonly lastEventId?: string
  status?: number
  /** How many events it brought. */
  events: number
}

/** A case as it was played, to be played again. */
export interface HttpTranscript {
  readonly url: string
  readonly room: string
  readonly steps: readonly HttpStep[]
}

/** Writes down what is asked of a server in one case, without its tokens. */
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

  /** `answer` is what came of `step`; tokens in it are known from now on. */
  end(step: HttpStep, answer?: string): void {
    step.ended = this.#moment++
    if (step.type === 'events' || answer === undefined) return
    for (const [, token] of answer.matchAll(/"token"\s*:\s*"([^"\\]+)"/g))
      if (!this.tokens.includes(token!)) this.tokens.push(token!)
    step.answer = this.redact(answer)
  }

  /** `text` with `$T1`, `$T2` … for the tokens it holds. */
  redact(text: string): string {
    return this.tokens.reduce((shown, token, at) => shown.replaceAll(token, `$T${at + 1}`), text)
  }

  #who(token: string | undefined): number | string {
    if (token === undefined) return 0
    const known = this.tokens.indexOf(token)
    return known < 0 ? this.redact(token) : known + 1
  }
}
