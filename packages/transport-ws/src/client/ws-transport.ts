import { systemClock, type Transport } from '@midsentence/core'
import { type RpcClientOptions, RpcTransport, resolveOptions, SessionClient } from '@midsentence/core/rpc-client'
import { openSocket } from '#web-socket'
import { WsMessageStream } from './message-stream.ts'
import { socketAddresses } from './socket-addresses.ts'
import { SocketRpc } from './socket-rpc.ts'
import type { OpenSocket } from './web-socket-like.ts'

export interface WsTransportOptions extends RpcClientOptions {
  /** Opens a WebSocket. Default: `openSocket`, which is the browser's own, or one of `ws` that keeps no process alive. */
  readonly webSocket?: OpenSocket
}

/** Creates a transport to a midsentence server: calls and messages by JSON-RPC over one WebSocket. */
export function wsTransport({ webSocket: open = openSocket, ...options }: WsTransportOptions): Transport {
  const { urls, secret, ...rest } = resolveOptions(options, systemClock())
  const { clock, idleTimeoutMs } = rest
  const addresses = socketAddresses(urls)
  const rpc = new SocketRpc(addresses, { open, clock, idleTimeoutMs })
  const client = new SessionClient(rpc, addresses, clock)
  const stream = (onBroken: () => void) => new WsMessageStream(rpc, addresses, client, rest, onBroken)
  return new RpcTransport({ clock, rpc, client, stream, secret, openMs: undefined })
}
