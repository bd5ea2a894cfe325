import { type Clock, isMidsentenceError, type Transport } from '@midsentence/core'
import type { SseTransportOptions } from '@midsentence/transport-sse/client'
import { probeSocket, type WsTransportOptions, wsTransport } from '@midsentence/transport-ws/client'
import { withLinkNotice } from './with-link-notice.ts'

export type SocketFallbackOptions = Pick<SseTransportOptions, 'fetch' | 'backoff'> &
  Pick<WsTransportOptions, 'webSocket'> & { readonly clock?: Clock }

/** The rest of the 5 s limit of `connect`, in milliseconds, after the attempt to open a WebSocket. */
const FALLBACK_OPEN_MS = 3300

/**
 * Creates a WebSocket transport to the first server at `urls` that answers. If that server or a proxy refuses WebSockets, it
 * uses server-sent events and says so, with the reason, on the link. Rejects with `unavailable` if no server answers.
 */
export async function socketTransportWithFallback(
  urls: readonly string[],
  options: SocketFallbackOptions,
): Promise<Transport> {
  const { fetch, webSocket, clock, backoff } = options
  const shared = { ...(clock && { clock }), ...(backoff && { backoff }) }
  const socketOptions = { ...shared, ...(webSocket && { webSocket }) }
  const found = await firstReachable(urls, socketOptions)
  if (found.opens) return wsTransport({ urls, ...socketOptions })
  const { sseTransport } = await import('@midsentence/transport-sse/client')
  const events = sseTransport({
    urls: urls.map(httpUrlOf),
    openMs: FALLBACK_OPEN_MS,
    ...shared,
    ...(fetch && { fetch }),
  })
  return withLinkNotice(
    events,
    `No WebSocket can be opened to ${found.url.replace(/\/$/, '')}: ${found.reason}. Server-sent events are used instead.`,
  )
}

async function firstReachable(urls: readonly string[], options: SocketFallbackOptions) {
  for (const [index, url] of urls.entries()) {
    try {
      return { url, ...(await probeSocket(url, options)) }
    } catch (error) {
      if (!isMidsentenceError(error) || index === urls.length - 1) throw error
    }
  }
  throw new TypeError('connect takes the address of a server, such as ws://127.0.0.1:8890.')
}

/** Returns the HTTP address of the same server. */
const httpUrlOf = (url: string): string => url.replace(/^ws/i, 'http').replace(/\/ws\/?$/, '')
