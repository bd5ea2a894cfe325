import { connect, type Socket } from 'node:net'
import { onTestFinished, vi } from 'vitest'

export interface ReadFrame {
  readonly opcode: number
  readonly data: Buffer
}

/** A notification or an answer. */
export interface RpcMessage {
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly id?: unknown
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly code: number; readonly message: string }
}

/** Encodes a client frame with a zero mask. The options allow invalid frames. */
export function frame(data: string | Buffer, { opcode = 1, fin = true, masked = true, rsv = 0 } = {}): Buffer {
  const bytes = Buffer.from(data)
  const { length } = bytes
  const mask = masked ? 0x80 : 0
  const size =
    length < 126
      ? Buffer.from([mask | length])
      : length < 2 ** 16
        ? Buffer.from([mask | 126, length >> 8, length & 255])
        : Buffer.from([
            mask | 127,
            0,
            0,
            0,
            0,
            length >>> 24,
            (length >>> 16) & 255,
            (length >>> 8) & 255,
            length & 255,
          ])
  const first = Buffer.from([(fin ? 0x80 : 0) | rsv | opcode])
  return Buffer.concat([first, size, masked ? Buffer.alloc(4) : Buffer.alloc(0), bytes])
}

/** Decodes the complete frames of a server. */
export function framesIn(bytes: Buffer): ReadFrame[] {
  const frames: ReadFrame[] = []
  for (let at = 0; at + 2 <= bytes.length; ) {
    const short = bytes[at + 1]!
    if (short & 0x80) throw new Error('a server must not mask frames')
    const head = short < 126 ? 2 : short === 126 ? 4 : 10
    if (at + head > bytes.length) break
    const length = head === 2 ? short : head === 4 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
    if (at + head + length > bytes.length) break
    frames.push({ opcode: bytes[at]! & 15, data: bytes.subarray(at + head, at + head + length) })
    at += head + length
  }
  return frames
}

/** A raw connection that asks for an upgrade, with all bytes received. Closes with its test. */
export class RawSocket {
  readonly socket: Socket
  readonly #chunks: Buffer[] = []
  closed = false

  constructor(port: number, path = '/ws', headers = '') {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('data', chunk => this.#chunks.push(chunk))
    this.socket.on('error', () => {})
    this.socket.once('close', () => {
      this.closed = true
    })
    this.socket.write(
      `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n` +
        `sec-websocket-key: bWlkc2VudGVuY2UgcmVhZA==\r\n${headers}\r\n`,
    )
    onTestFinished(() => void this.socket.destroy())
  }

  get bytes(): Buffer {
    if (this.#chunks.length > 1) this.#chunks.splice(0, this.#chunks.length, Buffer.concat(this.#chunks))
    return this.#chunks[0] ?? Buffer.alloc(0)
  }

  get status(): number {
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.bytes.toString('latin1', 0, 20))?.[1] ?? 0)
  }

  get body(): string {
    const text = this.bytes.toString()
    return text.slice(text.indexOf('\r\n\r\n') + 4)
  }

  get frames(): ReadFrame[] {
    const end = this.bytes.indexOf('\r\n\r\n')
    return end < 0 || this.status !== 101 ? [] : framesIn(this.bytes.subarray(end + 4))
  }

  /** Messages received in text frames; batches are flattened. */
  get received(): RpcMessage[] {
    return this.frames.filter(({ opcode }) => opcode === 1).flatMap(({ data }) => JSON.parse(data.toString()))
  }

  /** Seqs of the room messages received. */
  get seqs(): number[] {
    return this.received.flatMap(({ method, params }) => (method === 'message' ? [params!.seq as number] : []))
  }

  /** Code and reason of the close frame received. */
  get closing(): readonly [number, string] | undefined {
    const data = this.frames.find(({ opcode }) => opcode === 8)?.data
    return data && [data.length < 2 ? 1005 : data.readUInt16BE(0), data.toString('utf8', 2)]
  }

  send(...frames: (string | Buffer)[]): this {
    this.socket.write(Buffer.concat(frames.map(each => (typeof each === 'string' ? frame(each) : each))))
    return this
  }

  call(method: string, params: object = {}, id: unknown = 1): this {
    return this.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
  }

  async until(condition: (socket: this) => boolean): Promise<this> {
    await vi.waitUntil(() => condition(this), { timeout: 30_000, interval: 10 })
    return this
  }

  /** Waits for the room message `seq`. Parses only once it has begun to arrive. */
  async message(seq: number): Promise<this> {
    await this.until(({ bytes }) => bytes.includes(`"seq":${seq},`))
    return this.until(({ seqs }) => seqs.includes(seq))
  }
}
