import { systemClock } from './memory/system-clock.ts'
import type { Cancel, Clock } from './ports/clock.ts'

/** Time after which a linked signal aborts by itself. */
export interface SignalLimit {
  /** In milliseconds. */
  readonly ms: number
  /** Makes the abort reason. Default: an `AbortError`. */
  readonly reason?: () => unknown
  /** Default `systemClock()`. */
  readonly clock?: Clock
}

/** A signal that aborts with its sources. */
export interface LinkedSignal {
  readonly signal: AbortSignal
  /** Aborts `signal` alone, and unlinks it. */
  abort(reason?: unknown): void
  /** Stops the timer and removes the listeners of the sources. Call it once the work is over. Idempotent. */
  unlink(): void
}

/**
 * Returns a signal that aborts with the first of `sources`, for its reason, or after `limit`. It takes the place of
 * `AbortSignal.any` and `AbortSignal.timeout`: Node.js may collect those as garbage before they fire (nodejs/node issues 57736
 * and 65995), and keeps them as long as a source lives (54614).
 *
 * @example
 * const { signal, unlink } = linkSignals([stopped], { ms: 30_000 })
 * await fetch(url, { signal }).finally(unlink)
 */
export function linkSignals(sources: readonly (AbortSignal | undefined)[], limit?: SignalLimit): LinkedSignal {
  const controller = new AbortController()
  const { signal } = controller
  let cancels: Cancel[] = []
  const unlink = () => {
    for (const cancel of cancels) cancel()
    cancels = []
  }
  const abort = (reason?: unknown) => {
    unlink()
    controller.abort(reason)
  }
  for (const source of sources) {
    if (!source || signal.aborted) continue
    const follow = () => abort(source.reason)
    if (source.aborted) follow()
    else {
      source.addEventListener('abort', follow, { once: true })
      cancels.push(() => source.removeEventListener('abort', follow))
    }
  }
  if (limit && !signal.aborted) {
    const { ms, reason, clock = systemClock() } = limit
    cancels.push(clock.after(ms, () => abort(reason?.())))
  }
  return { signal, abort, unlink }
}
