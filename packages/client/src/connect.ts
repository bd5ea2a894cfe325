import { type Clock, type Journal, join, type Participant, systemClock, type Transport } from '@midsentence/core'
import { probeServer, type SseTransportOptions, sseTransport } from '@midsentence/transport-sse/client'
import { type LegacyTransportOptions, legacyTransport } from '@midsentence/transport-sse/legacy'
import { isSocketAddress, overSockets, type SocketWays } from './over-sockets.ts'

/**
 * Where a server is: its address, or several of servers that share their rooms, tried in turn. With `ws://` or `wss://` all
 * goes over a WebSocket, or over server-sent events where none can be opened; the link then says so.
 */
export type Address = string | URL | readonly (string | URL)[]

export interface ConnectOptions
  extends Pick<SseTransportOptions, 'fetch' | 'backoff'>,
    Pick<SocketWays, 'webSocket'>,
    Pick<LegacyTransportOptions, 'reclaim'> {
  readonly username: string
  /** Default `lobby`. */
  readonly room?: string
  /** Where to keep draft and place, to go on mid-sentence after a crash. Its maker closes it. Default: nowhere. */
  readonly journal?: Journal
  /** What lets one in, where the server asks for it: a password, a signed token. Never kept. */
  readonly credential?: string
  /** It is a person who writes. */
  readonly person?: boolean
  readonly clock?: Clock
  /** In place of the one that the address leads to. It can be used once. */
  readonly transport?: Transport
}

/**
 * Joins a room of the server at `url`, whether it is a midsentence server or the existing Python one, and resolves once
 * connected. Rejects within 5 s with a `MidsentenceError` whose sentence says what to start, and with a `TypeError`
 * where `url` is no address.
 */
export async function connect(url: Address, options: ConnectOptions): Promise<Participant> {
  const { username, room, journal, clock = systemClock() } = options
  if (typeof username !== 'string' || username === '') throw new TypeError('connect needs a username.')
  const asleep = clock.stayAwake()
  try {
    const transport = options.transport ?? (await transportFor(addressesOf(url), options))
    const { credential, person } = options
    return await join({
      ...{ transport, username, clock },
      ...(room !== undefined && { room }),
      ...(journal && { journal }),
      ...(credential !== undefined && { credential }),
      ...(person && { person }),
    })
  } finally {
    asleep()
  }
}

/** The transport for an address: what the other side speaks is found out by asking it. */
async function transportFor(urls: readonly string[], options: ConnectOptions): Promise<Transport> {
  const { fetch, webSocket, clock, backoff, reclaim } = options
  const ways = { ...(fetch && { fetch }), ...(clock && { clock }), ...(backoff && { backoff }) }
  if (isSocketAddress(urls[0]!)) return overSockets(urls, { ...ways, ...(webSocket && { webSocket }) })
  // Several are servers of ours, of which some may be down: there is nothing to find out.
  if (urls.length > 1 || (await probeServer(urls[0]!, ways))) return sseTransport({ urls, ...ways })
  return legacyTransport({ url: urls[0]!, ...ways, ...(reclaim !== undefined && { reclaim }) })
}

function addressesOf(url: Address): readonly string[] {
  const list = typeof url === 'string' || url instanceof URL || !Array.isArray(url) ? [url as string | URL] : url
  if (list.length === 0) throw new TypeError('connect takes the address of a server, as http://127.0.0.1:8890.')
  const addresses = list.map(addressOf)
  if (new Set(addresses.map(isSocketAddress)).size === 1) return addresses
  throw new TypeError('connect takes several addresses of one kind: all of them ws:// and wss://, or none.')
}

function addressOf(url: string | URL): string {
  const address = URL.canParse(String(url)) ? new URL(url) : undefined
  if (address && /^(http|ws)s?:$/.test(address.protocol)) return address.href
  throw new TypeError(
    `connect takes the address of a server, as http://127.0.0.1:8890, not ${JSON.stringify(String(url))}.`,
  )
}
