import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ReaderBacklog } from '@midsentence/core/wire'
import type { EventFrame } from '../frame.ts'
import type { StreamConnection } from '../http-exchange.ts'

/** An event stream over a response of `node:http`. */
export class NodeConnection implements StreamConnection {
  readonly #res: ServerResponse
  readonly #socket: Socket
  readonly #backlog: ReaderBacklog | undefined
  readonly #address: string | undefined
  /** Its own bytes that wait for the reader. */
  #unread = 0

  /** `socket` belongs to `res`, and no earlier response is pending on it. */
  constructor(res: ServerResponse, socket: Socket, backlog: ReaderBacklog | undefined, address: string | undefined) {
    this.#res = res
    this.#socket = socket
    this.#backlog = backlog
    this.#address = address
  }

  /** Middleware may end the response, for example after a time limit. */
  get isClosed(): boolean {
    return this.#res.destroyed || this.#res.writableEnded
  }

  get unsentBytes(): number {
    return this.#res.writableLength
  }

  start(headers: Readonly<Record<string, string>>): void {
    this.#res.writeHead(200, { ...headers, connection: 'keep-alive' })
  }

  /** Writes the ready chunk to the socket, which costs half of what `res.write` does. */
  write(frame: EventFrame): boolean {
    const res = this.#res
    const { socket } = res
    const isDirect = res.chunkedEncoding && socket?.writable
    const isFirst = !frame.written
    frame.written = true
    if (isDirect ? socket.write(frame.chunked) : res.write(frame.plain)) return true
    // Streams share the bytes, so they count for the first one.
    if (isFirst) this.#count(frame.plain.length)
    return false
  }

  writeBytes(bytes: Buffer): boolean {
    if (this.#res.write(bytes)) return true
    this.#count(bytes.length)
    return false
  }

  #count(bytes: number): void {
    if (!this.#backlog || this.#socket.writableLength === 0) return
    this.#unread += bytes
    this.#backlog.report(this.#socket, this.#unread, this.#address)
  }

  #drained(): void {
    if (this.#unread === 0) return
    this.#unread = 0
    this.#backlog?.report(this.#socket, 0, this.#address)
  }

  onDrained(run: () => void): void {
    const drained = () => {
      this.#drained()
      run()
    }
    this.#socket.on('drain', drained)
    this.#res.once('close', () => this.#socket.off('drain', drained))
  }

  onClosed(run: () => void): void {
    if (this.#res.closed) run()
    else this.#res.once('close', run)
  }

  end(): void {
    if (this.#res.headersSent && !this.#res.destroyed) this.#res.end()
  }

  drop(): void {
    this.#res.destroy()
  }
}
