import type { Inbound, Link, Message, OpenRequest, OpenResult, PublishRequest, Transport } from '@midsentence/core'
import { type WsTransportOptions, wsTransport } from '@midsentence/transport-ws/client'
import { onTestFinished } from 'vitest'

/** A transport with everything it emitted. Closes with its test. */
export interface WsTestClient {
  readonly transport: Transport
  readonly inbound: readonly Inbound[]
  readonly links: readonly Link[]
  readonly messages: readonly Message[]
  open(username?: string, request?: Partial<OpenRequest>): Promise<OpenResult>
  publish(content: string, rest?: Partial<PublishRequest>): ReturnType<Transport['publish']>
}

/** Short delays for quick tests. */
const quick = { backoff: { minMs: 2, maxMs: 20 }, random: () => 0.5 }

/** Creates a transport to the server at an `http://` or `ws://` address. */
export function wsTestClient(url: string, options: WsTransportOptions = {}): WsTestClient {
  const transport = wsTransport({ url: url.replace(/^http/, 'ws'), ...quick, ...options })
  const inbound: Inbound[] = []
  const links: Link[] = []
  let keys = 0
  transport.inbound$.subscribe(item => inbound.push(item))
  transport.link$.subscribe(link => links.push(link))
  onTestFinished(() => transport.close())
  return {
    transport,
    inbound,
    links,
    get messages() {
      return inbound.flatMap(item => (item.type === 'message' ? [item.message] : []))
    },
    open: (username = 'Ada', request = {}) => transport.open({ room: 'lobby', username, ...request }),
    publish: (content, rest) => transport.publish({ content, base: 0, key: `key-${++keys}`, isRetry: false, ...rest }),
  }
}
