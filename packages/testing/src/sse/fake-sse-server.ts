import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Message } from '@midsentence/core'
import { onTestFinished } from 'vitest'
import { FakeRoom } from './fake-room.ts'

/** Target happens to a request instead of what should. */
export type SseServerFault =
  | { readonly status: number; readonly body?: string; readonly type?: string; readonly retryAfter?: number }
  /** A JSON-RPC error. */
  | { readonly error: object }
  /** Does nothing and breaks the connection. */
  | 'drop'
  /** Does it, but breaks the connection before the answer. */
  | 'lose-answer'
  /** Does it, but never answers. */
  | 'hang'

/** A method name, or `events`. */
type Target = string

/** A small midsentence server with scripted faults. Stops with its test. */
export class FakeSseServer {
  room = new FakeRoom()
  /** Every request in order, as `publish {"content":"…"}` or `events 3`. */
  readonly requests: string[] = []
  readonly #streams = new Set<ServerResponse>()
  readonly #next = new Map<Target, SseServerFault[]>()
  readonly #always = new Map<Target, SseServerFault>()
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

  /** Number of requests for `target`. */
  count(target: Target): number {
    return this.requests.filter(request => request.split(' ')[0] === target).length
  }

  failNext(target: Target, ...faults: SseServerFault[]): void {
    this.#next.set(target, faults)
  }

  /** Applies a fault to every request for `target`, until called with undefined. */
  failAlways(target: Target, fault: SseServerFault | undefined): void {
    if (fault) this.#always.set(target, fault)
    else this.#always.delete(target)
  }

  say(sender_id: string, content: string): Message {
    const message = this.room.add(sender_id, content, 0)
    this.write(eventOf(message))
    return message
  }

  /** Writes raw text to every open stream. */
  write(text: string | Uint8Array): void {
    for (const stream of this.#streams) stream.write(text)
  }

  breakStreams(): void {
    for (const stream of this.#streams) stream.destroy()
    this.#streams.clear()
  }

  endStreams(): void {
    for (const stream of this.#streams) stream.end()
    this.#streams.clear()
  }

  /** Restarts as with a memory log: a new log id and no sessions. */
  restart(log: string): void {
    this.room = new FakeRoom(log)
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
    const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    let text = ''
    for await (const chunk of request.setEncoding('utf8')) text += chunk
    if (request.method === 'GET') {
      const after = Number(request.headers['last-event-id'] ?? url.searchParams.get('after'))
      this.requests.push(`events ${after}`)
      if (!this.#fails('events', response)) this.#stream(url.pathname, token, after, response)
      return
    }
    const { id, method, params } = JSON.parse(text)
    this.requests.push(`${method} ${JSON.stringify(params)}`)
    const fault = this.#fault(method)
    if (fault && typeof fault === 'object' && 'error' in fault) return answer(response, id, { error: fault.error })
    if (this.#applyFault(fault, response)) return
    const { messages } = this.room
    const { length } = messages
    const outcome = this.room.handle(method, params, token)
    for (const message of messages.slice(length)) this.write(eventOf(message))
    if (fault === 'lose-answer') return void response.destroy()
    if (fault !== 'hang') answer(response, id, outcome)
  }

  #fault(target: Target): SseServerFault | undefined {
    return this.#next.get(target)?.shift() ?? this.#always.get(target)
  }

  #fails(target: Target, response: ServerResponse): boolean {
    const fault = this.#fault(target)
    return fault === 'hang' || this.#applyFault(fault, response)
  }

  #applyFault(fault: SseServerFault | undefined, response: ServerResponse): boolean {
    if (fault === 'drop') response.destroy()
    if (typeof fault !== 'object' || !('status' in fault)) return fault === 'drop'
    const { status, body, type = 'application/json', retryAfter } = fault
    response.writeHead(status, {
      'content-type': type,
      ...(retryAfter !== undefined && { 'retry-after': `${retryAfter}` }),
    })
    response.end(body)
    return true
  }

  #stream(path: string, token: string, after: number, response: ServerResponse): void {
    const { sessions, messages, log } = this.room
    const status = !sessions.has(token)
      ? 401
      : path !== '/rooms/lobby/events'
        ? 404
        : after > messages.length
          ? 400
          : 200
    if (status !== 200) return void response.writeHead(status).end()
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    response.write(`: hello\n\nid: ${after}\nevent: welcome\ndata: ${JSON.stringify({ log, cursor: after })}\n\n`)
    response.write(messages.slice(after).map(eventOf).join(''))
    this.#streams.add(response)
    response.on('close', () => this.#streams.delete(response))
  }
}

export const eventOf = (message: Message): string =>
  `id: ${message.seq}\nevent: message\ndata: ${JSON.stringify(message)}\n\n`

function answer(response: ServerResponse, id: unknown, outcome: object): void {
  if (id === undefined) return void response.writeHead(204).end()
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify({ jsonrpc: '2.0', id, ...outcome }))
}

export async function fakeSseServer(port?: number): Promise<FakeSseServer> {
  const server = await new FakeSseServer().start(port)
  onTestFinished(() => server.stop())
  return server
}
