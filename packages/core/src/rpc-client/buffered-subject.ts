import { Observable, Subject } from 'rxjs'

/**
 * Values for whoever listens: hot, except that what comes before the first subscriber is kept for it, in order.
 * Completes at `complete`, behind what was kept; after that `next` says nothing. It never fails.
 */
export class BufferedSubject<T> {
  readonly #subject = new Subject<T>()
  #kept: T[] | undefined = []
  #complete = false
  readonly values$ = new Observable<T>(subscriber => {
    const kept = this.#kept
    if (kept) {
      // What a subscriber sets off while it is given these goes behind them.
      for (let index = 0; index < kept.length; index++) subscriber.next(kept[index]!)
      this.#kept = undefined
    }
    return this.#subject.subscribe(subscriber)
  })

  next(value: T): void {
    if (this.#complete) return
    if (this.#kept) this.#kept.push(value)
    else this.#subject.next(value)
  }

  complete(): void {
    this.#complete = true
    this.#subject.complete()
  }
}
