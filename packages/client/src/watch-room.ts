import { type ScoreItem, type WatchScoreOptions, watchScore } from '@midsentence/transport-sse/client'
import { Observable, takeUntil } from 'rxjs'

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
  return signal ? score.pipe(takeUntil(aborted(signal))) : score
}

const aborted = (signal: AbortSignal): Observable<void> =>
  new Observable(subscriber => {
    const end = () => subscriber.next()
    if (signal.aborted) return end()
    signal.addEventListener('abort', end, { once: true })
    return () => signal.removeEventListener('abort', end)
  })
