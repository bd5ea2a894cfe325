import type { CallBudget } from '@midsentence/core/wire'
import type { EventFrame } from './frame.ts'

/** One HTTP request and its response. Hosts with `node:http` and with web-standard requests each have an implementation. */
export interface HttpExchange {
  readonly method: string
  /** Path and query, below the prefix of the handlers. */
  readonly target: string
  /** The client's address, for admission. Undefined if the host does not tell it. */
  readonly address: string | undefined
  /** What its calls are paid from, besides the rate of their session. The host took one point for the request. */
  readonly budget: CallBudget | undefined
  /** Aborts when the client disconnects before its answer. Created when it is first read. */
  readonly signal: AbortSignal
  /** Returns a header by its name in lower case. */
  header(name: string): string | undefined
  /** Reads at most `limit` bytes and calls `done` once. Rejects a declared length above `limit` before reading. */
  readBody(limit: number, done: (body: RequestBody) => void): void
  /** Sends `text` as JSON with status 200, or status 204 without one. */
  send(text: string | undefined): void
  /** Sends the status and `{"error": sentence}`, unless a response has begun. */
  sendError(response: ErrorResponse): void
  /** Prepares an event stream as the response. Undefined if an earlier response on the connection is pending. */
  openStream(): StreamConnection | undefined
}

/**
 * The bytes of a request. `too-long`: above the limit; `broken`: the connection ended early; `taken`: the host read the
 * body before the handlers and left nothing of it.
 */
export type RequestBody = Buffer | 'too-long' | 'broken' | 'taken'

/** The response to a request that reaches neither JSON-RPC nor a stream. */
export interface ErrorResponse {
  readonly status: number
  /** A sentence with what to do. */
  readonly error: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The connection of one event stream. */
export interface StreamConnection {
  /** True once nothing can be written any more. */
  readonly isClosed: boolean
  /** Bytes written that the reader has not taken. */
  readonly unsentBytes: number
  /** Sends status 200 and `headers`. */
  start(headers: Readonly<Record<string, string>>): void
  /** Writes a frame. Returns false if the reader does not keep up: wait for `onDrained`. */
  write(frame: EventFrame): boolean
  /** Writes bytes that are not shared with other connections. Returns as `write` does. */
  writeBytes(bytes: Buffer): boolean
  /** Calls `run` whenever the reader has caught up after a write returned false. Call it once. */
  onDrained(run: () => void): void
  /** Calls `run` once the connection is closed, at once if it is. */
  onClosed(run: () => void): void
  /** Ends the response after what was written. Does nothing before `start`. */
  end(): void
  /** Breaks the connection and discards unsent bytes. */
  drop(): void
}
