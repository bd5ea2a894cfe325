/** The calls of a script that have not ended. */
export class Calls {
  #open: Promise<void>[] = []
  #failure: unknown
  #process = 0

  /** Passes the outcome of `call` to `judge`. Returns at once. */
  watch<T>(call: Promise<T>, judge: (outcome: PromiseSettledResult<T>) => void): void {
    const process = this.#process
    const judged = Promise.allSettled([call]).then(([outcome]) => {
      if (process === this.#process) judge(outcome!)
    })
    this.#open.push(
      judged.catch(error => {
        this.#failure ??= error
      }),
    )
  }

  /** Resolves when every call has ended. Rejects with the first error of a `judge`. */
  async ended(): Promise<void> {
    await Promise.all(this.#open.splice(0))
    if (this.#failure) throw this.#failure
  }

  /** Ignores the open calls, whose store has crashed. */
  forget(): void {
    if (this.#failure) throw this.#failure
    this.#process++
    this.#open = []
  }
}
