import {
  defaultLoopSettings,
  initialLoopState,
  type LoopRefusal,
  type LoopSettings,
  loopRefusal,
  recordLoopMessage,
} from '../../room/loop-guard.ts'

/** Slows down models that answer each other in one room. Allows everything without settings. */
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
    return this.#settings && loopRefusal(this.#state, name, this.#present(), now, this.#settings)
  }

  /** Records a sent message. One of a person starts the count over. */
  record(name: string, person: boolean, now: number): void {
    if (this.#settings) this.#state = recordLoopMessage(this.#state, name, person, now, this.#settings)
  }
}
