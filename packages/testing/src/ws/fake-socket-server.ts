import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { FakeRoom } from '../sse/fake-room.ts'

/** A fault of one call. */
export type SocketFault =
  /** A JSON-RPC error. */
  | { readonly error: object }
  /** Does nothing and breaks the socket. */
  | 'drop'
  /** Does it, but breaks the socket before the answer. */
  | 'lose-answer'
  /** Does it, but never answers. */
  | 'hang'

/** A small midsentence server over WebSockets with scripted faults. Stops with its test. */
export class FakeSocketServer {
  room = new FakeRoom()
  /** Every call in order, as `publish {"content":"…"}`. */
  readonly calls: string[] = []
  /** The status that rejects upgrades, if set. */
  rejectStatus: number | undefined
  readonly sockets = new Set<WebSocket>()
  readonly #next = new Map<string, SocketFault[]>()
  readonly #server = createServer((_, res) => void res.writeHead(404).end())
  readonly #wss = new WebSocketServer({ noServer: true })

  async start(): Promise<this> {
    this.#server.on('upgrade', (req, socket, head) => {
      if (this.rejectStatus) return void socket.end(`HTTP/1.1 ${this.rejectStatus} No\r\ncontent-length: 0\r\n\r\n`)
      this.#wss.handleUpgrade(req, socket, head, ws => this.#serve(ws))
    })
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  count(method: string): number {
    return this.calls.filter(call => call.split(' ')[0] === method).length
  }

  failNext(method: string, ...faults: SocketFault[]): void {
    this.#next.set(method, faults)
  }

  /** Writes raw data to every socket. */
  write(data: string | Buffer): void {
    for (const socket of this.sockets) socket.send(data)
  }

  notify(method: string, params: object): void {
    this.write(JSON.stringify({ jsonrpc: '2.0', method, params }))
  }

  say(sender_id: string, content: string): void {
    this.notify('message', this.room.add(sender_id, content, 0))
  }

  close(code?: number, reason?: string): void {
    for (const socket of this.sockets) socket.close(code, reason)
  }

  stop(): void {
    for (const socket of this.sockets) socket.terminate()
    this.#server.close()
  }

  #serve(ws: WebSocket): void {
    let token = ''
    this.sockets.add(ws)
    ws.on('close', () => this.sockets.delete(ws))
    ws.on('message', data => {
      const { id, method, params = {} } = JSON.parse(String(data))
      this.calls.push(`${method} ${JSON.stringify(params)}`)
      const fault = this.#next.get(method)?.shift()
      const answer = (more: object) => id !== undefined && ws.send(JSON.stringify({ jsonrpc: '2.0', id, ...more }))
      if (fault === 'drop') return ws.terminate()
      if (typeof fault === 'object') return answer(fault)
      const { messages } = this.room
      const { length } = messages
      const bound = method === 'resume' && params.token !== undefined ? params.token : token
      const outcome = this.room.handle(method, params, bound)
      if (fault === 'lose-answer') return ws.terminate()
      if (fault === 'hang') return
      answer(outcome)
      for (const message of messages.slice(length)) this.notify('message', message)
      if (!('result' in outcome) || (method !== 'join' && method !== 'resume')) return
      token = (outcome.result as { token: string }).token
      const cursor = params.after ?? length
      ws.send(JSON.stringify({ jsonrpc: '2.0', method: 'welcome', params: { log: this.room.log, cursor } }))
      for (const message of messages.slice(cursor)) {
        ws.send(JSON.stringify({ jsonrpc: '2.0', method: 'message', params: message }))
      }
    })
  }
}

export async function fakeSocketServer(): Promise<FakeSocketServer> {
  const server = await new FakeSocketServer().start()
  onTestFinished(() => server.stop())
  return server
}
