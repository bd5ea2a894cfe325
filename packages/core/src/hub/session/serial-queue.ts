/** Runs tasks one after another, in order. With an empty queue, a task runs at once, within the call of `run`. */
export class SerialQueue {
  readonly #waiting: (() => void)[] = []
  #busy = false

  run<T>(task: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const start = () => {
        try {
          const result = task()
          if (result instanceof Promise) this.#waitFor(result.then(resolve, reject))
          else resolve(result)
        } catch (error) {
          reject(error)
        }
      }
      if (this.#busy || this.#waiting.length > 0) this.#waiting.push(start)
      else start()
    })
  }

  #waitFor(task: Promise<void>): void {
    this.#busy = true
    void task.then(() => {
      this.#busy = false
      while (!this.#busy && this.#waiting.length > 0) this.#waiting.shift()!()
    })
  }
}
