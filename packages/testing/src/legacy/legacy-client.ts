import type { Inbound, Link, Message, OpenRequest, OpenResult, PublishRequest, Transport } from '@midsentence/core'
import { type LegacyTransportOptions, legacyTransport } from '@midsentence/transport-sse/legacy'
import { onTestFinished } from 'vitest'

/** A transport with everything it emitted. Closes with its test. */
export interface LegacyTestClient {
  readonly url: string
  readonly transport: Transport
  readonly inbound: readonly Inbound[]
  readonly links: readonly Link[]
  readonly messages: readonly Message[]
  /** `Ada: hello`, in order. */
  readonly lines: readonly string[]
  open(username?: string, resume?: OpenRequest['resume']): Promise<OpenResult>
  publish(content: string, rest?: Partial<PublishRequest>): ReturnType<Transport['publish']>
}

/** Short delays for quick tests. */
const quick = { backoff: { minMs: 5, maxMs: 20 }, random: () => 0.5, echoTimeoutMs: 5000 }

export function legacyClient(url: string, options: Partial<LegacyTransportOptions> = {}): LegacyTestClient {
  const transport = legacyTransport({ url, ...quick, ...options })
  const inbound: Inbound[] = []
  const links: Link[] = []
  let keys = 0
  transport.inbound$.subscribe(item => inbound.push(item))
  transport.link$.subscribe(link => links.push(link))
  onTestFinished(() => transport.close())
  const messages = () => inbound.flatMap(item => (item.type === 'message' ? [item.message] : []))
  return {
    url,
    transport,
    inbound,
    links,
    get messages() {
      return messages()
    },
    get lines() {
      return messages().map(({ sender_id, content }) => `${sender_id}: ${content}`)
    },
    open: (username = 'Ada', resume) => transport.open({ room: 'lobby', username, ...(resume && { resume }) }),
    publish: (content, rest) => transport.publish({ content, base: 0, key: `key-${++keys}`, isRetry: false, ...rest }),
  }
}
