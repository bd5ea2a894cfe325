import type { Seq } from '@midsentence/core'

/** What a host asks for at once: its model has read no answer of it while it asked for the rest. */
export interface ToolTurn {
  /** Ends it. No answer is given before that, so that a turn can be told from one call after the other. */
  readonly ended: Promise<void>
  /** Up to where the model had read when it began, if an answer within it gave more. */
  readUpTo?: Seq
}

/** Tells the turns of a model apart, by time alone: a host does not say which calls belong together. */
export class TurnDetector {
  readonly #ms: number
  #turn: ToolTurn | undefined

  /** Calls that come within `ms` milliseconds are of one turn. */
  constructor(ms: number) {
    this.#ms = ms
  }

  /** The turn that a call which comes now belongs to. */
  current(): ToolTurn {
    this.#turn ??= { ended: this.#end() }
    return this.#turn
  }

  async #end(): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, this.#ms))
    // On a busy machine the time is up before what came meanwhile is read: it is of this turn all the same.
    for (let reads = 0; reads < 2; reads++) await new Promise(resolve => setImmediate(resolve))
    this.#turn = undefined
  }
}
