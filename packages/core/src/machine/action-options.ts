import type { Seq } from '../room/message.ts'

/** Options of `Participant.push`. */
export interface PushOptions {
  /** Stops waiting for the verdict. The push itself continues. */
  readonly signal?: AbortSignal
  /** How long to wait for another participant's floor, in milliseconds. Default 25,000. */
  readonly timeout_ms?: number
  /**
   * The seq up to which the author has read, if answers gave more than that, as with several calls in one turn of a model.
   * The push is judged by it. It can only lower the cursor. Default: the cursor.
   */
  readonly base?: Seq
  /** Application data: a JSON object, passed through unchanged. */
  readonly meta?: Readonly<Record<string, unknown>>
}

/** Options of `Participant.check`. */
export interface CheckOptions {
  /** Stops waiting. No message is lost. */
  readonly signal?: AbortSignal
  /** Answers with status 0 after this many milliseconds. Default: no limit. */
  readonly timeout_ms?: number
}
