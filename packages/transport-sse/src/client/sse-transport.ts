import { systemClock, type Transport } from '@midsentence/core'
import { type RpcClientOptions, RpcTransport, resolveOptions, SessionClient } from '@midsentence/core/rpc-client'
import { streamFetch } from '#stream-fetch'
import type { StreamFetch } from '../stream-fetch.ts'
import { HttpAddresses } from './http-addresses.ts'
import { HttpRpc } from './http-rpc.ts'
import { SseMessageStream } from './message-stream.ts'

export interface SseTransportOptions extends RpcClientOptions {
  /** Default: a small one whose connections keep no process alive; in a browser its own. */
  readonly fetch?: StreamFetch
  /** Opening fails within so many milliseconds, all in all. Default 4800. */
  readonly openMs?: number
}

/** The line to a room of a midsentence server: JSON-RPC by POST, messages by server-sent events. */
export function sseTransport({ fetch = streamFetch, openMs, ...options }: SseTransportOptions): Transport {
  const { urls, secret, ...ways } = resolveOptions(options, systemClock())
  const { clock } = ways
  const servers = new HttpAddresses(urls)
  const rpc = new HttpRpc(servers, fetch, clock)
  const membership = new SessionClient(rpc, servers, clock)
  const line = (broke: () => void) => new SseMessageStream(servers, membership, { fetch, ...ways }, broke)
  return new RpcTransport({ clock, rpc, client: membership, stream: line, secret, openMs })
}
