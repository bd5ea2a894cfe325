import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Hub, type HubOptions, openHub } from '@midsentence/core/hub'
import { type LegacyHandlers, type LegacyHandlersOptions, legacyHandlers } from '@midsentence/transport-sse/legacy'
import { onTestFinished, vi } from 'vitest'
import { bodyIn, eventsIn } from '../sse/event-parser.ts'
import { RawClient } from '../sse/serve-sse.ts'

/** A hub of ours that speaks the dialect of the existing Python chat server, and nothing else. */
export interface LegacyServer {
  readonly hub: Hub
  readonly server: Server
  readonly handlers: LegacyHandlers
  readonly url: string
  stop(): Promise<void>
}

export async function startLegacyServer(
  options: LegacyHandlersOptions = {},
  hubOptions: HubOptions = {},
): Promise<LegacyServer> {
  const hub = await openHub({ ...(options.clock && { clock: options.clock }), ...hubOptions })
  const handlers = legacyHandlers(hub, options)
  const server = createServer((req, res) => {
    if (!handlers.handle(req, res)) res.writeHead(404).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    hub,
    server,
    handlers,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
      await hub.close()
    },
  }
}

/** Those of a test, which ends them. */
export async function legacyServer(options?: LegacyHandlersOptions, hubOptions?: HubOptions) {
  const serving = await startLegacyServer(options, hubOptions)
  onTestFinished(() => serving.stop())
  const { url, server } = serving
  const open = new Set<ServerResponse>()
  server.prependListener('request', (req, res: ServerResponse) => {
    if (!req.url?.startsWith('/events')) return
    open.add(res)
    res.once('close', () => open.delete(res))
  })
  const post = async (path: string, body: unknown) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: response.status, body: (await response.json()) as unknown }
  }
  return {
    ...serving,
    post,
    register: (...usernames: string[]) => Promise.all(usernames.map(username => post('/register', { username }))),
    unregister: (username: string) => post('/unregister', { username }),
    send: (username: string, message: string) => post('/send', { username, message }),
    stream: (username: string) => new LegacyReader(url, username),
    /** Breaks its line, and waits until the server has noticed: what it writes before is lost, as on any line. */
    async broken(reader: LegacyReader) {
      const before = open.size
      reader.client.socket.resetAndDestroy()
      await vi.waitUntil(() => open.size < before, { timeout: 10_000, interval: 2 })
    },
    /** Waits until the server has no stream open any more. */
    deserted: () => vi.waitUntil(() => open.size === 0, { timeout: 10_000, interval: 2 }),
  }
}

/** What a stream gave. */
export class LegacyReader {
  readonly client: RawClient

  constructor(url: string, username: string) {
    this.client = new RawClient(Number(new URL(url).port))
    this.client.send(`GET /events?username=${encodeURIComponent(username)} HTTP/1.1\r\nhost: x\r\n\r\n`)
  }

  get body(): string {
    return bodyIn(this.client.received)
  }

  /** Each event's array. */
  get arrays(): { readonly sender: string; readonly content: string; readonly timestamp: string }[][] {
    return eventsIn(this.body.slice(0, this.body.lastIndexOf('\n\n') + 2)).map(({ data }) => JSON.parse(data))
  }

  /** `Ada: hello`, in order, notices too. */
  get lines(): string[] {
    return this.arrays.flat().map(({ sender, content }) => `${sender}: ${content}`)
  }

  get keepalives(): number {
    return this.body.match(/^: keepalive$/gm)?.length ?? 0
  }

  get ended(): boolean {
    return this.client.received.endsWith('0\r\n\r\n') || this.client.closed
  }

  /** It is open. */
  async begun(): Promise<this> {
    return this.until(({ body }) => body.includes('\n\n'))
  }

  async until(condition: (reader: this) => boolean): Promise<this> {
    await this.client.until(() => condition(this))
    return this
  }

  /** Until an event with this in it came whole. */
  async event(part: string): Promise<this> {
    await this.client.event(part)
    return this
  }

  /** Until this many lines came. */
  has(count: number): Promise<this> {
    return this.until(({ lines }) => lines.length >= count)
  }
}
