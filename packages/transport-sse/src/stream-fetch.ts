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

/** The part of `fetch` this package uses. `globalThis.fetch` fits. */
export type StreamFetch = (url: string | URL, init: StreamFetchInit) => Promise<FetchLikeResponse>

/**
 * A small `fetch` over unreferenced sockets, so that a script without `close()` still exits. Callers that wait for an
 * answer keep the process awake themselves. Opens a connection for each request: the server may close a reused one, which
 * looks like a lost answer. Follows no redirects.
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
    // Twice, since a host with several addresses gets a new handle on connect.
    outgoing.on('socket', socket => socket.unref().once('connect', () => socket.unref()))
    outgoing.on('error', reject)
    outgoing.end(body)
  })

function responseOf(target: URL, incoming: IncomingMessage): FetchLikeResponse {
  // A pending `read` reports the loss; without one it must not become an unhandled error.
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
