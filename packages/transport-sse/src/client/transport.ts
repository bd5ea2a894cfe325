import { type Clock, systemClock, type Transport } from '@midsentence/core'
import { type Backoff, defaultBackoff, Membership, RpcTransport } from '@midsentence/core/line'
import { streamFetch } from '#stream-fetch'
import type { StreamFetch } from '../stream-fetch.ts'
import { Line } from './line.ts'
import { HttpRpc } from './rpc.ts'
import { Servers } from './servers.ts'

export interface SseTransportOptions {
  /** Where the server is, as `http://127.0.0.1:8890`. */
  readonly url?: string
  /** Instead of `url`: several servers of the same rooms, tried in turn. */
  readonly urls?: readonly string[]
  /** Default: a small one whose connections keep no process alive; in a browser its own. */
  readonly fetch?: StreamFetch
  readonly clock?: Clock
  /** From 0 to 1, for the waits between attempts. Default `Math.random`. */
  readonly random?: () => number
  /** The waits between attempts to connect again. Default from half a second to 15 s. */
  readonly backoff?: Backoff
  /** Opening fails within so many milliseconds, all in all. Default 4800. */
  readonly openMs?: number
  /** A line on which nothing came for so long is dead; the server says something every 15 s. Default 40 s. */
  readonly silenceMs?: number
  /** With it the same name is reached again at any time: 16 or more random bytes as text. Default: the participant's, if it has somewhere to keep one. */
  readonly secret?: string
}

/** The line to a room of a midsentence server: JSON-RPC by POST, messages by server-sent events. */
export function sseTransport(options: SseTransportOptions): Transport {
  const { url, urls = url === undefined ? [] : [url], secret, openMs, clock = systemClock() } = options
  const { fetch = streamFetch, random = Math.random, backoff = defaultBackoff, silenceMs = 40_000 } = options
  const servers = new Servers(urls)
  const rpc = new HttpRpc(servers, fetch, clock)
  const membership = new Membership(rpc, servers, clock)
  const ways = { fetch, clock, random, backoff, silenceMs }
  const line = (broke: () => void) => new Line(servers, membership, ways, broke)
  return new RpcTransport({ clock, rpc, membership, line, secret, openMs })
}
