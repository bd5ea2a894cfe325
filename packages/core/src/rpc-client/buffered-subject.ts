import { Observable, Subject } from 'rxjs'

/**
 * A hot stream that buffers values for its first subscriber, in order. `complete` ends it after the buffered values; later
 * values are dropped. It never fails.
 */
export class BufferedSubject<T> {
  readonly #subject = new Subject<T>()
  #buffer: T[] | undefined = []
  #complete = false
  readonly values$ = new Observable<T>(subscriber => {
    const buffer = this.#buffer
    if (buffer) {
      // Values that the subscriber causes meanwhile are appended to the buffer, which keeps the order.
      for (let index = 0; index < buffer.length; index++) subscriber.next(buffer[index]!)
      this.#buffer = undefined
    }
    return this.#subject.subscribe(subscriber)
  })

  next(value: T): void {
    if (this.#complete) return
    if (this.#buffer) this.#buffer.push(value)
    else this.#subject.next(value)
  }

  complete(): void {
    this.#complete = true
    this.#subject.complete()
  }
}
