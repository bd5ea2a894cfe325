import type { Inbound, Link, Message, OpenRequest, OpenResult, PublishRequest, Transport } from '@midsentence/core'
import { type SseTransportOptions, sseTransport } from '@midsentence/transport-sse/client'
import { onTestFinished } from 'vitest'

/** A transport with everything it emitted. Closes with its test. */
export interface SseTestClient {
  readonly transport: Transport
  readonly inbound: readonly Inbound[]
  readonly links: readonly Link[]
  readonly messages: readonly Message[]
  /** `Ada: hello`, in order. */
  readonly lines: readonly string[]
  open(username?: string, request?: Partial<OpenRequest>): Promise<OpenResult>
  publish(content: string, rest?: Partial<PublishRequest>): ReturnType<Transport['publish']>
}

/** Short delays for quick tests. */
const quick = { backoff: { minMs: 2, maxMs: 20 }, random: () => 0.5 }

export function sseTestClient(url: string | readonly string[], options: SseTransportOptions = {}): SseTestClient {
  const where = typeof url === 'string' ? { url } : { urls: url }
  const transport = sseTransport({ ...where, ...quick, ...options })
  const inbound: Inbound[] = []
  const links: Link[] = []
  let keys = 0
  transport.inbound$.subscribe(item => inbound.push(item))
  transport.link$.subscribe(link => links.push(link))
  onTestFinished(() => transport.close())
  const messages = () => inbound.flatMap(item => (item.type === 'message' ? [item.message] : []))
  return {
    transport,
    inbound,
    links,
    get messages() {
      return messages()
    },
    get lines() {
      return messages().map(({ sender_id, content }) => `${sender_id}: ${content}`)
    },
    open: (username = 'Ada', request = {}) => transport.open({ room: 'lobby', username, ...request }),
    publish: (content, rest) => transport.publish({ content, base: 0, key: `key-${++keys}`, isRetry: false, ...rest }),
  }
}
