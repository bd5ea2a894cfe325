import type { Seq } from '@midsentence/core'

/** Calls that a host makes at once. The model made all of them before it read any result. */
export interface ToolTurn {
  /** Resolves when the turn ends. No result is returned earlier, so that a next call belongs to a next turn. */
  readonly ended: Promise<void>
  /** Seq up to which the model had read when the turn began. Set when a result of this turn has messages. */
  readUpTo?: Seq
}

/** Groups calls into turns by time, because MCP does not say which calls belong together. */
export class TurnDetector {
  readonly #ms: number
  #turn: ToolTurn | undefined

  /** Calls within `ms` milliseconds of the first one form a turn. */
  constructor(ms: number) {
    this.#ms = ms
  }

  /** Returns the turn of a call that arrives now. */
  current(): ToolTurn {
    this.#turn ??= { ended: this.#end() }
    return this.#turn
  }

  async #end(): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, this.#ms))
    // On a busy machine the timer fires before pending input is read. Two more loop turns read it into this turn.
    for (let reads = 0; reads < 2; reads++) await new Promise(resolve => setImmediate(resolve))
    this.#turn = undefined
  }
}
