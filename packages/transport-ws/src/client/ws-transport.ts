import { systemClock, type Transport } from '@midsentence/core'
import { type RpcClientOptions, RpcTransport, resolveOptions, SessionClient } from '@midsentence/core/rpc-client'
import { openSocket } from '#web-socket'
import { WsMessageStream } from './message-stream.ts'
import { socketAddresses } from './socket-addresses.ts'
import { SocketRpc } from './socket-rpc.ts'
import type { OpenSocket } from './web-socket-like.ts'

export interface WsTransportOptions extends RpcClientOptions {
  /** Makes a WebSocket. Default: in a browser its own, elsewhere one of `ws` that keeps no process alive. */
  readonly webSocket?: OpenSocket
}

/** The line to a room of a midsentence server: calls and messages by JSON-RPC over one WebSocket. */
export function wsTransport({ webSocket: open = openSocket, ...options }: WsTransportOptions): Transport {
  const { urls, secret, ...ways } = resolveOptions(options, systemClock())
  const { clock, silenceMs } = ways
  const addresses = socketAddresses(urls)
  const rpc = new SocketRpc(addresses, { open, clock, silenceMs })
  const membership = new SessionClient(rpc, addresses, clock)
  const line = (broke: () => void) => new WsMessageStream(rpc, addresses, membership, ways, broke)
  return new RpcTransport({ clock, rpc, client: membership, stream: line, secret, openMs: undefined })
}
