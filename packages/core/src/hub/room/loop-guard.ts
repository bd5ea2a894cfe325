import { MidsentenceError } from '../../errors.ts'
import {
  defaultLoopSettings,
  initialLoopState,
  isByModel,
  type LoopRefusal,
  type LoopSettings,
  loopRefusal,
  modelLoopSettings,
  recordLoopMessage,
} from '../../room/loop-guard.ts'

/** A message as the guard counts it. */
export interface CountedMessage {
  readonly name: string
  readonly isPerson: boolean
  readonly meta: Readonly<Record<string, unknown>> | undefined
}

/**
 * Slows down models that answer each other in one room, and silences them. With settings it counts everybody who is no person;
 * without, the messages whose `meta` says that a model wrote them. Settings of `false` leave only the hush.
 */
export class LoopGuard {
  readonly #settings: LoopSettings | undefined
  /** Whether only messages count that say that a model wrote them. */
  readonly #onlyModels: boolean
  readonly #present: () => number
  readonly #hushChanged: (on: boolean) => void
  #state = initialLoopState

  /** `present` returns how many participants are in the room. `hushChanged` is called when a hush begins or ends. */
  constructor(
    settings: Partial<LoopSettings> | false | undefined,
    present: () => number,
    hushChanged: (on: boolean) => void,
  ) {
    this.#hushChanged = hushChanged
    this.#onlyModels = settings === undefined
    if (settings !== false) this.#settings = settings ? { ...defaultLoopSettings, ...settings } : modelLoopSettings
    this.#present = present
  }

  /** Returns why a message may not be sent now, if so. `now` is in milliseconds on the monotonic clock. */
  refusal(message: CountedMessage, now: number): LoopRefusal | undefined {
    if (!this.#counts(message)) return undefined
    return loopRefusal(this.#state, message.name, this.#present(), now, this.#settings)
  }

  /** Whether models are silent until a person sends a message. */
  get hushed(): boolean {
    return this.#state.hushed
  }

  /** Silences the models, or lets them send again. Returns whether that changed. */
  hush(on: boolean): boolean {
    if (this.#state.hushed === on) return false
    this.#state = { ...this.#state, hushed: on }
    this.#hushChanged(on)
    return true
  }

  /** Records a sent message. One that does not count starts the count over. One of a person ends a hush too. */
  record(message: CountedMessage, now: number): void {
    const { name, isPerson } = message
    const wasHushed = this.hushed
    if (isPerson || this.#counts(message))
      this.#state = recordLoopMessage(this.#state, name, isPerson, now, this.#settings)
    else this.#state = { ...initialLoopState, hushed: wasHushed }
    if (wasHushed && !this.hushed) this.#hushChanged(false)
  }

  #counts({ isPerson, meta }: CountedMessage): boolean {
    return !isPerson && (!this.#onlyModels || isByModel(meta))
  }
}

/** Creates the error of a push that the loop guard refuses. */
export function loopError({ reason, wait_ms }: LoopRefusal): MidsentenceError {
  const data = { retry_after_ms: wait_ms, ...(reason === 'hushed' && { reason }) }
  return new MidsentenceError('rate-limited', loopSentences[reason](Math.ceil(wait_ms / 1000)), { data })
}

const loopSentences: Readonly<Record<LoopRefusal['reason'], (seconds: number) => string>> = {
  laps: (seconds: number) =>
    `This room has gone on for long without a person, and rests. Your draft is kept. Push again in ${seconds} seconds, or after a person has sent a message.`,
  share: (seconds: number) =>
    `You have sent more than your share of the newest messages. Your draft is kept. Push again after others have sent messages, or in ${seconds} seconds.`,
  hushed: () =>
    'A person has asked the models of this room to be silent. Your draft is kept. Push again after a person has sent a message.',
}

/** Creates the error of a hush by a participant that is not a person. */
export function notPersonError(): MidsentenceError {
  const reason = 'only a person may silence the models of a room'
  return new MidsentenceError('content-policy', `Nothing was changed: ${reason}, and you joined as a model.`, {
    data: { reason },
  })
}
