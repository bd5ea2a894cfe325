import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A fault of one request. */
export type PythonServerFault =
  | { readonly status: number; readonly body?: string; readonly type?: string }
  /** Does nothing and breaks the connection. */
  | 'drop'
  /** Does it, but breaks the connection before the answer. */
  | 'lose-answer'
  /** Does it, but never answers. */
  | 'hang'

interface QueuedEntry {
  readonly sender: string
  readonly content: string
  readonly timestamp: string
}

const paths = ['/register', '/unregister', '/send', '/events'] as const
type Path = (typeof paths)[number]

/** A small server with the protocol of the Python server and scripted faults. Stops with its test. */
export class FakePythonServer {
  /** The queued entries of each name. */
  readonly queues = new Map<string, QueuedEntry[]>()
  /** Every request in order, as `POST /send Ada: hello`. */
  readonly requests: string[] = []
  /** True: writes queues at once. False: when `poll` is called. */
  pollsAlways = true
  /** True: does not echo messages to their sender. */
  dropsEchoes = false
  readonly #streams = new Map<ServerResponse, string>()
  readonly #next = new Map<Path, PythonServerFault[]>()
  readonly #always = new Map<Path, PythonServerFault>()
  readonly #server = createServer((request, response) => void this.#serve(request, response))

  async start(port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1')
    await new Promise((resolve, reject) => this.#server.once('listening', resolve).once('error', reject))
    return this
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get streams(): number {
    return this.#streams.size
  }

  /** Applies these faults to the next requests for `path`, one each. */
  failNext(path: Path, ...faults: PythonServerFault[]): void {
    this.#next.set(path, faults)
  }

  /** Applies a fault to every request for `path`, until called with undefined. */
  failAlways(path: Path, fault: PythonServerFault | undefined): void {
    if (fault) this.#always.set(path, fault)
    else this.#always.delete(path)
  }

  /** Queues a message of `sender` for every name. */
  say(sender: string, content: string): void {
    for (const [name, queue] of this.queues) {
      if (name !== sender || !this.dropsEchoes) queue.push({ sender, content, timestamp: '12:34:56' })
    }
    if (this.pollsAlways) this.poll()
  }

  /** Writes the queued entries to every open stream. */
  poll(): void {
    for (const [stream, name] of this.#streams) {
      const queue = this.queues.get(name) ?? []
      if (queue.length > 0) stream.write(`data: ${JSON.stringify(queue.splice(0))}\n\n`)
    }
  }

  /** Writes raw text to every open stream. */
  write(text: string | Uint8Array): void {
    for (const stream of this.#streams.keys()) stream.write(text)
  }

  breakStreams(): void {
    for (const stream of this.#streams.keys()) stream.destroy()
    this.#streams.clear()
  }

  endStreams(): void {
    for (const stream of this.#streams.keys()) stream.end()
    this.#streams.clear()
  }

  /** Forgets every name, as after a restart. */
  forget(): void {
    this.queues.clear()
    this.endStreams()
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise(resolve => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const path = url.pathname as Path
    let text = ''
    for await (const chunk of request.setEncoding('utf8')) text += chunk
    const body = text ? JSON.parse(text) : {}
    const name: string = body.username ?? url.searchParams.get('username') ?? ''
    const what = body.message === undefined ? name : `${name}: ${body.message}`
    this.requests.push(`${request.method} ${path} ${what}`)
    const fault = this.#next.get(path)?.shift() ?? this.#always.get(path)
    if (fault === 'drop') return void response.destroy()
    if (typeof fault === 'object') {
      return void response.writeHead(fault.status, { 'content-type': fault.type ?? 'application/json' }).end(fault.body)
    }
    const status = this.#do(path, name, body.message)
    if (fault === 'lose-answer') return void response.destroy()
    if (fault === 'hang') return
    if (path === '/events' && status === 200) return this.#stream(name, response)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(status === 200 ? { success: true } : { detail: 'no' }))
  }

  #do(path: Path, name: string, message: string): number {
    if (path === '/register') {
      if (this.queues.has(name)) return 409
      this.queues.set(name, [])
      this.say('Server', `${name} has joined the chat`)
    } else if (path === '/unregister') {
      if (this.queues.delete(name)) this.say('Server', `${name} has left the chat`)
    } else if (path === '/send') {
      if (!this.queues.has(name)) return 404
      this.say(name, message)
    } else if (path === '/events') {
      if (!this.queues.has(name)) return 403
    } else return 404
    return 200
  }

  #stream(name: string, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    response.write(': keepalive\n\n')
    this.#streams.set(response, name)
    response.on('close', () => this.#streams.delete(response))
    if (this.pollsAlways) this.poll()
  }
}

export async function fakePythonServer(port?: number): Promise<FakePythonServer> {
  const server = await new FakePythonServer().start(port)
  onTestFinished(() => server.stop())
  return server
}
