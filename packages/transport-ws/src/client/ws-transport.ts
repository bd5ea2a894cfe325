import { type Clock, systemClock, type Transport } from '@midsentence/core'
import { type Backoff, defaultBackoff, Membership, RpcTransport } from '@midsentence/core/line'
import { openSocket } from '#web-socket'
import { socketAddresses } from './addresses.ts'
import { Line } from './line.ts'
import { SocketRpc } from './socket-rpc.ts'
import type { OpenSocket } from './web-socket-like.ts'

export interface WsTransportOptions {
  /** Where the server is, as `ws://127.0.0.1:8890`. */
  readonly url?: string
  /** Instead of `url`: several servers of the same rooms, tried in turn. */
  readonly urls?: readonly string[]
  /** Makes a WebSocket. Default: in a browser its own, elsewhere one of `ws` that keeps no process alive. */
  readonly webSocket?: OpenSocket
  readonly clock?: Clock
  /** From 0 to 1, for the waits between attempts. Default `Math.random`. */
  readonly random?: () => number
  /** The waits between attempts to connect again. Default from half a second to 15 s. */
  readonly backoff?: Backoff
  /** A line on which nothing came for so long is dead; the server says something every 15 s. Default 40 s. */
  readonly silenceMs?: number
  /** With it the same name is reached again at any time: 16 or more random bytes as text. Default: the participant's, if it has somewhere to keep one. */
  readonly secret?: string
}

/** The line to a room of a midsentence server: calls and messages by JSON-RPC over one WebSocket. */
export function wsTransport(options: WsTransportOptions): Transport {
  const { url, urls = url === undefined ? [] : [url], secret, clock = systemClock() } = options
  const { webSocket: open = openSocket, random = Math.random, backoff = defaultBackoff, silenceMs = 40_000 } = options
  const addresses = socketAddresses(urls)
  const rpc = new SocketRpc(addresses, { open, clock, silenceMs })
  const membership = new Membership(rpc, addresses, clock)
  const ways = { clock, random, backoff }
  const line = (broke: () => void) => new Line(rpc, addresses, membership, ways, broke)
  return new RpcTransport({ clock, rpc, membership, line, secret, openMs: undefined })
}
