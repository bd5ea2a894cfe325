import type { Cancel, Clock } from '@midsentence/core'
import { type Backoff, waitBefore, watchIdle } from '@midsentence/core/rpc-client'
import { EventSource, type FetchLikeResponse } from 'eventsource'
import type { StreamFetch } from './stream-fetch.ts'

/** Why a connection was lost, or never came to be. */
export interface StreamLoss {
  /** The end of a sentence that begins with what is lost: "…: the server ended the stream". */
  readonly reason: string
  /** The answer's status, where the server refused. */
  readonly status?: number
  readonly cause?: unknown
}

export interface ReconnectingStreamOptions {
  /** Where the next connection goes to. Asked before each. */
  readonly url: () => string | URL
  /** More headers, as `last-event-id`. Asked before each connection. */
  readonly headers?: () => Readonly<Record<string, string>>
  readonly fetch: StreamFetch
  readonly clock: Clock
  readonly random: () => number
  readonly backoff: Backoff
  /** A connection on which nothing came for so long, not even a comment, is dead. Milliseconds. */
  readonly silenceMs: number
  /** The names of the events to hear. Default `message` alone. */
  readonly events?: readonly string[]
  onEvent(event: MessageEvent): void
  onUp(): void
  onDown(loss: StreamLoss): void
  /** Called after each loss. True: connect at once, unless that was tried in vain since `up`. It must not fail. */
  recover?(loss: StreamLoss): Promise<boolean>
}

/** An event that grows beyond this, in bytes without a line break, is no event. */
const MAX_LINE = 64 * 2 ** 20

/**
 * A stream of server-sent events that comes back for ever, until `close`: at most one connection at a time, after a
 * loss a new one, later and later while it fails. Calls `up` and `down` in turn, `down` for every failed attempt.
 * Nothing of it keeps the process alive but what `fetch` does.
 */
export class ReconnectingStream {
  readonly #options: ReconnectingStreamOptions
  #end: (() => void) | undefined
  #lose: ((loss: StreamLoss) => void) | undefined
  #pause: Cancel | undefined
  #failures = 0
  #mends = 0
  #closed = false

  constructor(options: ReconnectingStreamOptions) {
    this.#options = options
  }

  /** Connects, once. */
  start(): void {
    if (!this.#end && !this.#pause) this.#connect()
  }

  /** Ends a wait for the next attempt: there is reason to believe that it will do. */
  retryNow(): void {
    if (!this.#pause) return
    this.#pause()
    this.#connect()
  }

  /** Ends the connection there is, without a word, and makes another at once: what it asks for has changed. */
  restart(): void {
    if (!this.#end) return
    this.#end()
    this.#connect()
  }

  /** Gives up the connection there is: `loss` is why. */
  fail(loss: StreamLoss): void {
    this.#lose?.(loss)
  }

  /** Ends it for good; nothing is called any more. Idempotent. */
  close(): void {
    this.#closed = true
    this.#pause?.()
    this.#pause = undefined
    this.#end?.()
  }

  #connect(): void {
    this.#pause = undefined
    if (this.#closed) return
    const { url, headers, fetch, events = ['message'], onEvent, onUp } = this.#options
    let over = false
    let source: EventSource | undefined
    const { clock, silenceMs } = this.#options
    const watch = watchIdle(clock, silenceMs, () => lose({ reason: `nothing came for ${silenceMs / 1000} seconds` }))
    const end = () => {
      over = true
      watch.cancel()
      this.#end = undefined
      this.#lose = undefined
      source?.close()
    }
    const lose = (loss: StreamLoss) => {
      if (over) return
      end()
      void this.#lost(loss)
    }
    this.#end = end
    this.#lose = lose
    // All losses are met here, on the way in, and shown as aborted: EventSource has a loop of its own, which then rests.
    source = new EventSource(url(), {
      fetch: async (target, init) => {
        const given = { ...init, headers: { ...init.headers, ...headers?.() }, signal: init.signal as AbortSignal }
        try {
          const response = await fetch(target, given)
          const refusal = refusalOf(response)
          watch.alive()
          if (!refusal && !over) return watched(response, watch.alive, lose)
          if (refusal) lose(refusal)
        } catch (cause) {
          lose({ reason: whyOf(cause), cause })
        }
        throw aborted()
      },
    })
    source.onopen = () => {
      if (over) return
      this.#failures = 0
      this.#mends = 0
      onUp()
    }
    source.onerror = event => lose({ reason: event.message ?? 'the stream broke' })
    for (const name of events) source.addEventListener(name, event => over || onEvent(event))
  }

  async #lost(loss: StreamLoss): Promise<void> {
    const { backoff, random, clock, onDown, recover } = this.#options
    const failures = ++this.#failures
    onDown(loss)
    const mended = await recover?.(loss)
    if (this.#closed || this.#end) return
    if (mended && ++this.#mends === 1) this.#connect()
    else this.#pause = clock.after(waitBefore(failures, backoff, random), () => this.#connect())
  }
}

function refusalOf({ status, headers }: FetchLikeResponse): StreamLoss | undefined {
  if (status !== 200) return { reason: `the server answered ${status}`, status }
  const type = headers.get('content-type') ?? 'nothing'
  return type.startsWith('text/event-stream')
    ? undefined
    : { reason: `the server answered with ${type.slice(0, 80)}`, status }
}

/** The same response, whose every chunk is told, and whose end is a loss. */
function watched(response: FetchLikeResponse, alive: () => void, lose: (loss: StreamLoss) => void): FetchLikeResponse {
  const reader = response.body?.getReader()
  let line = 0
  const read = async (): Promise<{ done: false; value: Uint8Array }> => {
    try {
      const next = await reader!.read()
      if (!next.done) {
        const value = next.value as Uint8Array
        const end = value.lastIndexOf(10)
        line = end < 0 ? line + value.length : value.length - end - 1
        alive()
        if (line <= MAX_LINE) return { done: false, value }
        lose({ reason: 'the server sent an event without an end' })
      } else lose({ reason: 'the server ended the stream' })
    } catch (cause) {
      lose({ reason: whyOf(cause), cause })
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

const whyOf = (cause: unknown): string => {
  const code = codeOf(cause)
  if (code === 'ECONNREFUSED') return 'nobody answers there'
  return code ? `the connection failed (${code})` : 'the connection failed'
}

const codeOf = (cause: unknown): string | undefined => {
  if (!(cause instanceof Error)) return undefined
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : codeOf(cause.cause)
}
