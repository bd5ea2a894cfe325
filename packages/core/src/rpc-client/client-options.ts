import type { Clock } from '../ports/clock.ts'
import { type Backoff, defaultBackoff } from './backoff.ts'

/** What every transport to a midsentence server may be told. */
export interface RpcClientOptions {
  /** Where the server is, as `http://127.0.0.1:8890` or `ws://127.0.0.1:8890`. */
  readonly url?: string
  /** Instead of `url`: several servers of the same rooms, tried in turn. */
  readonly urls?: readonly string[]
  /** Default: the machine's own. */
  readonly clock?: Clock
  /** From 0 to 1, for the waits between attempts. Default `Math.random`. */
  readonly random?: () => number
  /** The waits between attempts to connect again. Default from half a second to 15 s. */
  readonly backoff?: Backoff
  /** A line on which nothing came for so long is dead; the server says something every 15 s. Default 40 s. */
  readonly idleTimeoutMs?: number
  /** With it the same name is reached again at any time: 16 or more random bytes as text. Default: the participant's, if it has somewhere to keep one. */
  readonly secret?: string
}

/** How a line lives, once it is known what was left to the defaults. */
export interface ResolvedOptions {
  readonly urls: readonly string[]
  readonly clock: Clock
  readonly random: () => number
  readonly backoff: Backoff
  readonly idleTimeoutMs: number
  readonly secret: string | undefined
}

const IDLE_TIMEOUT_MS = 40_000

/** `own`: the clock of a line that is told none. */
export function resolveOptions(options: RpcClientOptions, own: Clock): ResolvedOptions {
  const {
    url,
    urls = url === undefined ? [] : [url],
    clock = own,
    random = Math.random,
    backoff = defaultBackoff,
  } = options
  const { idleTimeoutMs = IDLE_TIMEOUT_MS, secret } = options
  return { urls, clock, random, backoff, idleTimeoutMs, secret }
}
