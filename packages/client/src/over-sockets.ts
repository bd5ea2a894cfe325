import { type Clock, isMidsentenceError, type Transport } from '@midsentence/core'
import { type SseTransportOptions, sseTransport } from '@midsentence/transport-sse/client'
import { probeSocket, type WsTransportOptions, wsTransport } from '@midsentence/transport-ws/client'
import { noticed } from './noticed.ts'

export type SocketWays = Pick<SseTransportOptions, 'fetch' | 'backoff'> &
  Pick<WsTransportOptions, 'webSocket'> & { readonly clock?: Clock }

/** What is left of the five seconds, in milliseconds, when a socket was waited for in vain. */
const OPEN_MS = 3300

export const isSocketAddress = (url: string): boolean => /^wss?:/i.test(url)

/**
 * A WebSocket to the first of the servers at `urls` that answers; where none can be opened there, server-sent events from the
 * same servers, and the link says so. Rejects with a sentence that says what to start where nobody answers.
 */
export async function overSockets(urls: readonly string[], ways: SocketWays): Promise<Transport> {
  const { fetch, webSocket, clock, backoff } = ways
  const timing = { ...(clock && { clock }), ...(backoff && { backoff }) }
  const sockets = { ...timing, ...(webSocket && { webSocket }) }
  const found = await firstThatAnswers(urls, sockets)
  if (found.opens) return wsTransport({ urls, ...sockets })
  const events = sseTransport({ urls: urls.map(httpAddress), openMs: OPEN_MS, ...timing, ...(fetch && { fetch }) })
  return noticed(
    events,
    `No WebSocket can be opened to ${found.url.replace(/\/$/, '')}: what stands there or in between refuses it. Server-sent events do instead.`,
  )
}

async function firstThatAnswers(urls: readonly string[], sockets: SocketWays) {
  for (const [index, url] of urls.entries()) {
    try {
      return { url, opens: await probeSocket(url, sockets) }
    } catch (error) {
      if (!isMidsentenceError(error) || index === urls.length - 1) throw error
    }
  }
  throw new TypeError('connect takes the address of a server, as ws://127.0.0.1:8890.')
}

/** The same server's, without the path of its sockets. */
const httpAddress = (url: string): string => url.replace(/^ws/i, 'http').replace(/\/ws\/?$/, '')
