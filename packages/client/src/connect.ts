import {
  type Clock,
  type JoinOptions,
  type Journal,
  join,
  type Participant,
  systemClock,
  type Transport,
} from '@midsentence/core'
import type { SseTransportOptions } from '@midsentence/transport-sse/client'
import type { LegacyTransportOptions } from '@midsentence/transport-sse/legacy'
import type { SocketFallbackOptions } from './socket-fallback.ts'

/**
 * The address of a server, or of several servers that share their rooms; these are tried in turn. `ws://` and `wss://` use a
 * WebSocket. If none can be opened, they use server-sent events, and the link says so.
 */
export type ServerAddress = string | URL | readonly (string | URL)[]

export interface ConnectOptions
  extends Pick<SseTransportOptions, 'fetch' | 'backoff'>,
    Pick<SocketFallbackOptions, 'webSocket'>,
    Pick<LegacyTransportOptions, 'reclaim'>,
    Pick<JoinOptions, 'since' | 'inspect'> {
  readonly username: string
  /** Default `lobby`. */
  readonly room?: string
  /** Stores draft and position, to continue after a crash. The caller closes it. Default: none. */
  readonly journal?: Journal
  /** Password or signed token, if the server requires one. Never stored. */
  readonly credential?: string
  /** Tells the room that a person writes, not a model. */
  readonly person?: boolean
  /** False if others must not see when you write. Default true. */
  readonly typing_indicator?: boolean
  /**
   * Its abort ends the join, and later leaves the room. An abort in the same turn as the call sends nothing. A `connect` under
   * the same name waits until an earlier participant of this page or process has left.
   */
  readonly signal?: AbortSignal
  readonly clock?: Clock
  /** Used instead of a transport to `url`. A transport connects once. */
  readonly transport?: Transport
}

/**
 * Joins a room of the server at `url`, and resolves once connected. Detects whether it is a midsentence server or the existing
 * Python one. Rejects within 5 s with a `MidsentenceError` that says what to do, with a `TypeError` for a malformed `url`, and
 * with the reason of `signal`.
 */
export async function connect(url: ServerAddress, options: ConnectOptions): Promise<Participant> {
  const { username, room, journal, since, inspect, signal, clock = systemClock() } = options
  if (typeof username !== 'string' || username === '') throw new TypeError('connect needs a username.')
  const allowExit = clock.keepProcessAlive()
  try {
    const addresses = options.transport ? [] : parseAddresses(url)
    // React's strict mode runs an effect, its cleanup and the effect again in one turn.
    await undefined
    signal?.throwIfAborted()
    const transport = options.transport ?? (await detectTransport(addresses, options))
    const { credential, person, typing_indicator } = options
    return await join({
      ...{ transport, username, clock },
      ...(room !== undefined && { room }),
      ...(journal && { journal }),
      ...(credential !== undefined && { credential }),
      ...(person && { person }),
      ...(typing_indicator === false && { typing_indicator }),
      ...(since !== undefined && { since }),
      ...(inspect && { inspect }),
      ...(signal && { signal }),
    })
  } finally {
    allowExit()
  }
}

/**
 * Creates the transport for the addresses. Asks the server which protocol it speaks. A page whose bundler splits its script
 * loads only the transport that it uses.
 */
async function detectTransport(urls: readonly string[], options: ConnectOptions): Promise<Transport> {
  const { fetch, webSocket, clock, backoff, reclaim } = options
  const shared = { ...(fetch && { fetch }), ...(clock && { clock }), ...(backoff && { backoff }) }
  if (isSocketUrl(urls[0]!)) {
    const { socketTransportWithFallback } = await import('./socket-fallback.ts')
    return socketTransportWithFallback(urls, { ...shared, ...(webSocket && { webSocket }) })
  }
  const { probeServer, sseTransport } = await import('@midsentence/transport-sse/client')
  // Only midsentence servers share rooms. Do not ask: the first one may be down.
  if (urls.length > 1 || (await probeServer(urls[0]!, shared))) return sseTransport({ urls, ...shared })
  const { legacyTransport } = await import('@midsentence/transport-sse/legacy')
  return legacyTransport({ url: urls[0]!, notMidsentence: true, ...shared, ...(reclaim !== undefined && { reclaim }) })
}

const isSocketUrl = (url: string): boolean => /^wss?:/i.test(url)

function parseAddresses(url: ServerAddress): readonly string[] {
  const list = typeof url === 'string' || url instanceof URL || !Array.isArray(url) ? [url as string | URL] : url
  if (list.length === 0) throw new TypeError('connect takes the address of a server, such as http://127.0.0.1:8890.')
  const addresses = list.map(parseAddress)
  if (new Set(addresses.map(isSocketUrl)).size === 1) return addresses
  throw new TypeError(
    'connect takes several addresses of one kind: either all ws:// and wss://, or all http:// and https://.',
  )
}

function parseAddress(url: string | URL): string {
  const address = URL.canParse(String(url)) ? new URL(url) : undefined
  if (address && /^(http|ws)s?:$/.test(address.protocol)) return address.href
  throw new TypeError(
    `connect takes the address of a server, such as http://127.0.0.1:8890, not ${JSON.stringify(String(url))}.`,
  )
}
