import type { Clock } from '../ports/clock.ts'
import { type Backoff, defaultBackoff } from './backoff.ts'

/** Options of every transport to a midsentence server. */
export interface RpcClientOptions {
  /** The address of the server, as `http://127.0.0.1:8890` or `ws://127.0.0.1:8890`. */
  readonly url?: string
  /** Instead of `url`: several servers of the same rooms, tried in turn. */
  readonly urls?: readonly string[]
  /** Default `systemClock()`. */
  readonly clock?: Clock
  /** Returns numbers from 0 to 1, for the waits between attempts. Default `Math.random`. */
  readonly random?: () => number
  /** The waits between connection attempts. Default: from 0.5 to 15 s. */
  readonly backoff?: Backoff
  /**
   * A connection is lost after this many milliseconds without data; the server sends some every 15 s. Default 30,000.
   */
  readonly idleTimeoutMs?: number
  /**
   * A secret that opens the same session again: 16 or more random bytes as text. Default: the participant's.
   */
  readonly secret?: string
}

/** Options with their defaults filled in. */
export interface ResolvedOptions {
  readonly urls: readonly string[]
  readonly clock: Clock
  readonly random: () => number
  readonly backoff: Backoff
  readonly idleTimeoutMs: number
  readonly secret: string | undefined
}

const IDLE_TIMEOUT_MS = 30_000

/** Fills in the defaults. `defaultClock` is used if the options have no clock. */
export function resolveOptions(options: RpcClientOptions, defaultClock: Clock): ResolvedOptions {
  const {
    url,
    urls = url === undefined ? [] : [url],
    clock = defaultClock,
    random = Math.random,
    backoff = defaultBackoff,
  } = options
  const { idleTimeoutMs = IDLE_TIMEOUT_MS, secret } = options
  return { urls, clock, random, backoff, idleTimeoutMs, secret }
}
