import { MidsentenceError } from '../../errors.ts'
import {
  defaultLoopSettings,
  initialLoopState,
  type LoopRefusal,
  type LoopSettings,
  loopRefusal,
  recordLoopMessage,
} from '../../room/loop-guard.ts'

/** Slows down models that answer each other in one room, and silences them. Without settings only a hush does. */
export class LoopGuard {
  readonly #settings: LoopSettings | undefined
  readonly #present: () => number
  #state = initialLoopState

  /** `present` returns how many participants are in the room. */
  constructor(settings: Partial<LoopSettings> | undefined, present: () => number) {
    this.#settings = settings && { ...defaultLoopSettings, ...settings }
    this.#present = present
  }

  /** Returns why `name` may not send now, if so. `now` is in milliseconds on the monotonic clock. */
  refusal(name: string, now: number): LoopRefusal | undefined {
    return loopRefusal(this.#state, name, this.#present(), now, this.#settings)
  }

  /** Whether models are silent until a person sends a message. */
  get hushed(): boolean {
    return this.#state.hushed
  }

  /** Silences the models, or lets them send again. Returns whether that changed. */
  hush(on: boolean): boolean {
    if (this.#state.hushed === on) return false
    this.#state = { ...this.#state, hushed: on }
    return true
  }

  /** Records a sent message. One of a person starts the count over and ends a hush. */
  record(name: string, person: boolean, now: number): void {
    this.#state = recordLoopMessage(this.#state, name, person, now, this.#settings)
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
