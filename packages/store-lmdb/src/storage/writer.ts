import { isMidsentenceError, MidsentenceError } from '@midsentence/core'
import type { StoreChange } from './change.ts'
import { systemMessage } from './errors.ts'

interface WriteRequest {
  readonly changes: readonly StoreChange[]
  done(error: MidsentenceError | undefined): void
}

/**
 * Combines the writes of all rooms, sessions and journals: one commit at a time, in call order. Calls during a commit
 * share the next one. After a failure it refuses everything: the state on disk is unknown, and a retry that succeeds
 * would prove nothing.
 */
export class Writer {
  readonly #commit: (changes: readonly StoreChange[]) => Promise<void>
  #queue: WriteRequest[] = []
  #running: Promise<void> | undefined
  #failure: MidsentenceError | undefined

  /** @param commit Stores all changes or none, and resolves once they are on disk. */
  constructor(commit: (changes: readonly StoreChange[]) => Promise<void>) {
    this.#commit = commit
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined
  }

  /** Throws `unavailable` after a failed commit. */
  check(): void {
    if (this.#failure) throw refusal(this.#failure)
  }

  /** Resolves once all `changes` are on disk. Rejects with `unavailable`, and `data.unknown` if they may be on disk. */
  write(changes: readonly StoreChange[]): Promise<void> {
    if (this.#failure) return Promise.reject(refusal(this.#failure))
    return new Promise((resolve, reject) => {
      this.#queue.push({ changes, done: error => (error ? reject(error) : resolve()) })
      // Starts in a microtask, so that calls of one event-loop turn share a commit.
      this.#running ??= Promise.resolve().then(() => this.#run())
    })
  }

  /** Resolves once all earlier calls have ended, successfully or not. */
  settled(): Promise<void> {
    return this.write([]).catch(() => undefined)
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const requests = this.#queue.splice(0)
      try {
        await this.#commit(newestChanges(requests))
      } catch (cause) {
        this.#failure = isMidsentenceError(cause) ? cause : commitError(cause)
      }
      for (const { done } of requests) done(this.#failure)
      if (this.#failure) for (const { done } of this.#queue.splice(0)) done(refusal(this.#failure))
    }
    this.#running = undefined
  }
}

/** Keeps the last change of each key: a head that several calls moved is written once. */
function newestChanges(requests: readonly WriteRequest[]): StoreChange[] {
  const newest = new Map<string, StoreChange>()
  for (const { changes } of requests) {
    for (const change of changes) newest.set(change.key.toString('latin1'), change)
  }
  return [...newest.values()]
}

const commitError = (cause: unknown): MidsentenceError =>
  new MidsentenceError(
    'unavailable',
    `The store could not write (${systemMessage(cause)}) and accepts no more writes. Writes in progress may or may not be on disk: fix the cause, such as a full disk, and open it again.`,
    { cause, data: { unknown: true } },
  )

/** A write that was not attempted is certainly not on disk. */
const refusal = (failure: MidsentenceError): MidsentenceError =>
  new MidsentenceError('unavailable', 'The store failed earlier and accepts no more writes: open it again.', {
    cause: failure,
  })
