import { type IncomingMessage, type RequestOptions, request } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { FetchLikeResponse } from 'eventsource'

export interface StreamFetchInit {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal
  readonly mode?: 'cors' | 'no-cors' | 'same-origin'
  readonly credentials?: 'include' | 'omit' | 'same-origin'
  readonly cache?: 'no-store'
  readonly redirect?: 'error' | 'follow' | 'manual'
}

/** What this package needs of `fetch`: `globalThis.fetch` is one. */
export type StreamFetch = (url: string | URL, init: StreamFetchInit) => Promise<FetchLikeResponse>

/**
 * A small `fetch` whose connections keep no process alive, so that a script which never closes its line still ends: who
 * waits for an answer keeps the process awake itself. A new connection for each request: one that is used again may
 * have been closed by the server meanwhile, which looks like an answer that was lost. Follows no redirects.
 */
export const streamFetch: StreamFetch = (url, { method = 'GET', headers, body, signal }) =>
  new Promise((resolve, reject) => {
    const target = new URL(url)
    const options: RequestOptions = {
      method,
      agent: false,
      headers: { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) },
      ...(signal && { signal }),
    }
    const send = target.protocol === 'https:' ? secureRequest : request
    const outgoing = send(target, options, incoming => resolve(responseOf(target, incoming)))
    // Twice: where a name has several addresses, connecting makes a new handle.
    outgoing.on('socket', socket => socket.unref().once('connect', () => socket.unref()))
    outgoing.on('error', reject)
    outgoing.end(body)
  })

function responseOf(target: URL, incoming: IncomingMessage): FetchLikeResponse {
  // A loss is told by the read that meets it, and by nothing where nobody reads.
  incoming.on('error', () => {})
  const chunks: AsyncIterator<Uint8Array> = incoming[Symbol.asyncIterator]()
  const reader = {
    async read(): Promise<{ done: false; value: Uint8Array } | { done: true }> {
      const { done, value } = await chunks.next()
      return done ? { done } : { done: false, value }
    },
    async cancel() {
      incoming.destroy()
    },
  }
  return {
    status: incoming.statusCode ?? 0,
    url: target.href,
    redirected: false,
    headers: { get: name => incoming.headers[name.toLowerCase()]?.toString() ?? null },
    body: { getReader: () => reader },
  }
}
