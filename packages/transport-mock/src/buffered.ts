import { Observable, Subject } from 'rxjs'

/** Hot, but keeps what comes before its first subscriber. */
export class Buffered<T> {
  readonly #subject = new Subject<T>()
  #early: T[] | undefined = []

  readonly observable = new Observable<T>(subscriber => {
    const early = this.#early ?? []
    this.#early = undefined
    for (const item of early) subscriber.next(item)
    return this.#subject.subscribe(subscriber)
  })

  next(item: T): void {
    if (this.#early) this.#early.push(item)
    else this.#subject.next(item)
  }

  complete(): void {
    this.#subject.complete()
  }
}
