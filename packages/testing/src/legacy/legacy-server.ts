import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Hub, type HubOptions, openHub } from '@midsentence/core/hub'
import { type LegacyHandlers, type LegacyHandlersOptions, legacyHandlers } from '@midsentence/transport-sse/legacy'
import { onTestFinished, vi } from 'vitest'
import { bodyIn, eventsIn } from '../sse/event-parser.ts'
import { RawClient } from '../sse/serve-sse.ts'

/** A hub served by the legacy handlers alone. */
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

/** Starts a legacy server with helpers for requests and streams. Stops with its test. */
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
    /** Breaks the connection of a reader and waits until the server has noticed. */
    async broken(reader: LegacyReader) {
      const before = open.size
      reader.client.socket.resetAndDestroy()
      await vi.waitUntil(() => open.size < before, { timeout: 30_000, interval: 5 })
    },
    /** Waits until the server has no open stream. */
    deserted: () => vi.waitUntil(() => open.size === 0, { timeout: 30_000, interval: 5 }),
  }
}

/** A stream of a legacy user, with all it received. */
export class LegacyReader {
  readonly client: RawClient

  constructor(url: string, username: string) {
    this.client = new RawClient(Number(new URL(url).port))
    this.client.send(`GET /events?username=${encodeURIComponent(username)} HTTP/1.1\r\nhost: x\r\n\r\n`)
  }

  get body(): string {
    return bodyIn(this.client.received)
  }

  /** The array of each event. */
  get arrays(): { readonly sender: string; readonly content: string; readonly timestamp: string }[][] {
    return eventsIn(this.body.slice(0, this.body.lastIndexOf('\n\n') + 2)).map(({ data }) => JSON.parse(data))
  }

  /** Messages and notices as `Ada: hello`, in order. */
  get lines(): string[] {
    return this.arrays.flat().map(({ sender, content }) => `${sender}: ${content}`)
  }

  get keepalives(): number {
    return this.body.match(/^: keepalive$/gm)?.length ?? 0
  }

  get ended(): boolean {
    return this.client.received.endsWith('0\r\n\r\n') || this.client.closed
  }

  /** Waits until the stream is open. */
  async begun(): Promise<this> {
    return this.until(({ body }) => body.includes('\n\n'))
  }

  async until(condition: (reader: this) => boolean): Promise<this> {
    await this.client.until(() => condition(this))
    return this
  }

  /** Waits for a complete event that contains `part`. */
  async event(part: string): Promise<this> {
    await this.client.event(part)
    return this
  }

  /** Waits for `count` lines. */
  has(count: number): Promise<this> {
    return this.until(({ lines }) => lines.length >= count)
  }
}
