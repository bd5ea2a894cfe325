/** Tasks one after another, in the order they came. One that is no promise takes no time: with nobody before it, it runs at once. */
export class SerialQueue {
  readonly #waiting: (() => void)[] = []
  #busy = false

  run<T>(task: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const begin = () => {
        try {
          const going = task()
          if (going instanceof Promise) this.#follow(going.then(resolve, reject))
          else resolve(going)
        } catch (error) {
          reject(error)
        }
      }
      if (this.#busy || this.#waiting.length > 0) this.#waiting.push(begin)
      else begin()
    })
  }

  #follow(going: Promise<void>): void {
    this.#busy = true
    void going.then(() => {
      this.#busy = false
      while (!this.#busy && this.#waiting.length > 0) this.#waiting.shift()!()
    })
  }
}
