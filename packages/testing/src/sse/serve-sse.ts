import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Hub } from '@midsentence/core/hub'
import { type SseHandlers, type SseHandlersOptions, sseHandlers } from '@midsentence/transport-sse/server'
import { onTestFinished, vi } from 'vitest'

export interface SseServing {
  readonly server: Server
  readonly handlers: SseHandlers
  readonly url: string
  /** Opens a raw connection. */
  dial(): RawClient
  /** Opens the lobby's event stream over a raw connection, as Ada. */
  stream(query?: string, headers?: string): RawClient
}

/** Serves the handlers alone. Stops with its test. */
export async function serveSse(
  hub: Hub,
  options?: SseHandlersOptions,
  before: (req: IncomingMessage, res: ServerResponse) => void = () => {},
): Promise<SseServing> {
  const handlers = sseHandlers(hub, options)
  const server = createServer((req, res) => {
    before(req, res)
    if (!handlers.handle(req, res)) res.writeHead(404).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  const dial = () => new RawClient(port)
  return {
    server,
    handlers,
    url: `http://127.0.0.1:${port}`,
    dial,
    stream(query = '', headers = '') {
      const client = dial()
      client.send(`GET /rooms/lobby/events${query} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ada\r\n${headers}\r\n`)
      return client
    },
  }
}

/** A raw connection to a server, with all bytes received. */
export class RawClient {
  readonly socket: Socket
  #chunks: string[] = []
  closed = false
  /** The error that ended the connection. */
  failed: Error | undefined

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1').setEncoding('utf8')
    this.socket.on('data', (text: string) => {
      this.#chunks.push(text)
    })
    this.socket.on('error', error => {
      this.failed = error
    })
    this.socket.once('close', () => {
      this.closed = true
    })
    onTestFinished(() => void this.socket.destroy())
  }

  get received(): string {
    return this.#chunks.join('')
  }

  /** The status of each answer, in order. */
  get statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))
  }

  send(text: string | Uint8Array): this {
    this.socket.write(text)
    return this
  }

  async until(condition: (client: this) => boolean): Promise<this> {
    await vi.waitUntil(() => condition(this), { timeout: 30_000, interval: 10 })
    return this
  }

  /** Waits for a complete event that contains `part`. Scans each byte once. */
  async event(part: string): Promise<this> {
    let next = 0
    let rest = ''
    return this.until(() => {
      for (; next < this.#chunks.length; next++) {
        rest += this.#chunks[next]
        const end = rest.lastIndexOf('\n\n')
        if (end < 0) continue
        if (rest.lastIndexOf(part, end) >= 0) return true
        rest = rest.slice(end + 1)
      }
      return false
    })
  }
}

/** Builds a POST of `body` to `/rpc`. */
export const post = (body: string, headers = 'authorization: Bearer ada\r\n'): string =>
  `POST /rpc HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
