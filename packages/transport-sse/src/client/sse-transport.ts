import { systemClock, type Transport } from '@midsentence/core'
import { type RpcClientOptions, RpcTransport, resolveOptions, SessionClient } from '@midsentence/core/rpc-client'
import { streamFetch } from '#stream-fetch'
import type { StreamFetch } from '../stream-fetch.ts'
import { HttpAddresses } from './http-addresses.ts'
import { HttpRpc } from './http-rpc.ts'
import { SseMessageStream } from './message-stream.ts'

export interface SseTransportOptions extends RpcClientOptions {
  /** Default: `streamFetch`, which keeps no process alive; in a browser the page's `fetch`. */
  readonly fetch?: StreamFetch
  /** Milliseconds within which `open` resolves or rejects. Default 4800. */
  readonly openMs?: number
}

/** Creates a transport to a midsentence server: JSON-RPC by POST, messages by server-sent events. */
export function sseTransport({ fetch = streamFetch, openMs, ...options }: SseTransportOptions): Transport {
  const { urls, secret, ...rest } = resolveOptions(options, systemClock())
  const { clock } = rest
  const addresses = new HttpAddresses(urls)
  const rpc = new HttpRpc(addresses, fetch, clock)
  const client = new SessionClient(rpc, addresses, clock)
  const stream = (onBroken: () => void) => new SseMessageStream(addresses, client, { fetch, ...rest }, onBroken)
  return new RpcTransport({ clock, rpc, client, stream, secret, openMs })
}
