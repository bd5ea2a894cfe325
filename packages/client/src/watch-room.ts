import { type ScoreItem, type WatchScoreOptions, watchScore } from '@midsentence/transport-sse/client'
import { Observable } from 'rxjs'

export interface WatchRoomOptions extends WatchScoreOptions {
  /** Ends the watch: the Observable completes. */
  readonly signal?: AbortSignal
}

/**
 * Watches the score of a recorded room without taking part: first what is kept, then what happens. Reconnects by position;
 * errors once the server refuses for good. Fold the records with `evolveScore`.
 *
 * @example
 * watchRoom({ url: 'http://127.0.0.1:8890', room: 'demo' }).subscribe(item => {
 *   if (item.type === 'record') console.log(item.record.position, item.record.type)
 * })
 */
export function watchRoom({ signal, ...options }: WatchRoomOptions): Observable<ScoreItem> {
  const score = watchScore(options)
  if (!signal) return score
  // Without `takeUntil`, which would add 1 kB to a page.
  return new Observable(subscriber => {
    const end = () => subscriber.complete()
    if (signal.aborted) return end()
    signal.addEventListener('abort', end, { once: true })
    subscriber.add(() => signal.removeEventListener('abort', end))
    return score.subscribe(subscriber)
  })
}
