import type { Cancel, Clock } from '@midsentence/core'
import { type Backoff, backoffDelay, redirectTarget, watchIdle } from '@midsentence/core/rpc-client'
import { EventSource, type FetchLikeResponse } from 'eventsource'
import { redirectOf } from './redirect-of.ts'
import type { StreamFetch } from './stream-fetch.ts'

/** Why a connection was lost or could not be opened. */
export interface StreamLoss {
  /** The second half of a sentence: "…: the server ended the stream". */
  readonly reason: string
  /** The HTTP status, if the server refused. */
  readonly status?: number
  /** The connection was open, and nothing came on it. */
  readonly silent?: true
  readonly cause?: unknown
}

export interface ReconnectingStreamOptions {
  /** Returns the URL. Called before each connection. */
  readonly url: () => string | URL
  /** Returns additional headers, such as `last-event-id`. Called before each connection. */
  readonly headers?: () => Readonly<Record<string, string>>
  readonly fetch: StreamFetch
  readonly clock: Clock
  readonly random: () => number
  readonly backoff: Backoff
  /** How many addresses are tried in turn: the wait doubles once all have failed. Default 1. */
  readonly addresses?: number
  /** Milliseconds without any byte, comments included, after which a connection counts as dead. */
  readonly idleTimeoutMs: number
  /** Names of the events to pass on. Default: only `message`. */
  readonly events?: readonly string[]
  onEvent(event: MessageEvent): void
  onUp(): void
  onDown(loss: StreamLoss): void
  /** Called after each loss. Resolves with true to reconnect at once; honoured once until `onUp`. Must not reject. */
  recover?(loss: StreamLoss): Promise<boolean>
}

/** Bytes without a line break after which the connection is request up. */
const MAX_LINE = 64 * 2 ** 20

/**
 * Reads server-sent events and reconnects with backoff until `close`. Holds at most one connection at a time. Calls
 * `onUp` after each connect and `onDown` after each loss and each failed attempt. Only `fetch` may keep the process alive.
 */
export class ReconnectingStream {
  readonly #options: ReconnectingStreamOptions
  #disconnect: (() => void) | undefined
  #fail: ((loss: StreamLoss) => void) | undefined
  #retryTimer: Cancel | undefined
  #failures = 0
  #recoveries = 0
  #closed = false

  constructor(options: ReconnectingStreamOptions) {
    this.#options = options
  }

  /** Connects. Does nothing if it is connected or waiting. */
  start(): void {
    if (!this.#disconnect && !this.#retryTimer) this.#connect()
  }

  /** Reconnects now if it is waiting: for callers that know the server is reachable. */
  retryNow(): void {
    if (!this.#retryTimer) return
    this.#retryTimer()
    this.#connect()
  }

  /** Replaces the connection at once, without `onDown`: for a changed URL or headers. */
  restart(): void {
    if (!this.#disconnect) return
    this.#disconnect()
    this.#connect()
  }

  /** Ends the current connection as lost. */
  fail(loss: StreamLoss): void {
    this.#fail?.(loss)
  }

  /** Closes for good; no callback follows. Idempotent. */
  close(): void {
    this.#closed = true
    this.#retryTimer?.()
    this.#retryTimer = undefined
    this.#disconnect?.()
  }

  #connect(): void {
    this.#retryTimer = undefined
    if (this.#closed) return
    const { url, headers, fetch, events = ['message'], onEvent, onUp } = this.#options
    let ended = false
    let source: EventSource | undefined
    const { clock, idleTimeoutMs } = this.#options
    const watch = watchIdle(clock, idleTimeoutMs, () =>
      fail({ reason: `nothing came for ${idleTimeoutMs / 1000} seconds`, silent: true }),
    )
    const disconnect = () => {
      ended = true
      watch.cancel()
      this.#disconnect = undefined
      this.#fail = undefined
      source?.close()
    }
    const fail = (loss: StreamLoss) => {
      if (ended) return
      disconnect()
      void this.#lost(loss)
    }
    this.#disconnect = disconnect
    this.#fail = fail
    // Handle every loss here and show EventSource an abort, which stops its own reconnect loop.
    source = new EventSource(url(), {
      fetch: async (target, init) => {
        const request = { ...init, headers: { ...init.headers, ...headers?.() }, signal: init.signal as AbortSignal }
        try {
          const response = await fetch(target, request)
          const refusal = refusalOf(response, target)
          watch.touch()
          if (!refusal && !ended) return watched(response, watch.touch, fail)
          if (refusal) fail(refusal)
        } catch (cause) {
          fail({ reason: reasonOf(cause), cause })
        }
        throw aborted()
      },
    })
    source.onopen = () => {
      if (ended) return
      this.#failures = 0
      this.#recoveries = 0
      onUp()
    }
    source.onerror = event => fail({ reason: event.message ?? 'the stream broke' })
    for (const name of events) source.addEventListener(name, event => ended || onEvent(event))
  }

  async #lost(loss: StreamLoss): Promise<void> {
    const { backoff, random, clock, onDown, recover, addresses = 1 } = this.#options
    const failures = Math.ceil(++this.#failures / addresses)
    onDown(loss)
    const recovered = await recover?.(loss)
    if (this.#closed || this.#disconnect) return
    if (recovered && ++this.#recoveries === 1) this.#connect()
    else this.#retryTimer = clock.after(backoffDelay(failures, backoff, random), () => this.#connect())
  }
}

function refusalOf(response: FetchLikeResponse, url: string | URL): StreamLoss | undefined {
  const { status, headers } = response
  if (status !== 200) {
    const redirectTo = redirectTarget(redirectOf(response), String(url), endpointOf(url))
    return { reason: redirectTo ? `the server redirects to ${redirectTo}` : `the server answered ${status}`, status }
  }
  const type = headers.get('content-type') ?? 'nothing'
  return type.startsWith('text/event-stream')
    ? undefined
    : { reason: `the server answered with ${type.slice(0, 80)}`, status }
}

const endpointOf = (url: string | URL): string => /(\/rooms\/[^/]+)?\/events$/.exec(new URL(url).pathname)?.[0] ?? ''

/** Wraps a response: calls `alive` for each chunk, and `fail` at its end. */
function watched(response: FetchLikeResponse, alive: () => void, fail: (loss: StreamLoss) => void): FetchLikeResponse {
  const reader = response.body?.getReader()
  let lineBytes = 0
  const read = async (): Promise<{ done: false; value: Uint8Array }> => {
    try {
      const next = await reader!.read()
      if (!next.done) {
        const value = next.value as Uint8Array
        const end = value.lastIndexOf(10)
        lineBytes = end < 0 ? lineBytes + value.length : value.length - end - 1
        alive()
        if (lineBytes <= MAX_LINE) return { done: false, value }
        fail({ reason: 'the server sent an event that does not end' })
      } else fail({ reason: 'the server ended the stream' })
    } catch (cause) {
      fail({ reason: reasonOf(cause), cause })
    }
    throw aborted()
  }
  const { status, url, redirected, headers } = response
  return {
    status,
    url,
    redirected,
    headers,
    body: { getReader: () => ({ read, cancel: async () => reader?.cancel() }) },
  }
}

const aborted = () => new DOMException('The connection is over.', 'AbortError')

const reasonOf = (cause: unknown): string => {
  const code = codeOf(cause)
  if (code === 'ECONNREFUSED') return 'nobody answers there'
  return code ? `the connection failed (${code})` : 'the connection failed'
}

const codeOf = (cause: unknown): string | undefined => {
  if (!(cause instanceof Error)) return undefined
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : codeOf(cause.cause)
}
