import { randomBytes } from 'node:crypto'
import type { NatsConnection } from '@nats-io/transport-node'
import type { ServerBus } from '../../ports.ts'
import { closedError, noAnswer } from '../entries/errors.ts'
import { dataLimit, type StreamLink } from '../entries/stream-link.ts'

/** First byte of a message that is whole, and of a part of one. */
const [WHOLE, PART] = [0, 1]

/** Bytes of a part before its content: kind, sender, number of the message, index of the part, number of parts. */
const [SENDER_BYTES, PART_BYTES] = [8, 1 + 8 + 4 + 4 + 4]

/** Most senders with an incomplete message. The oldest one is dropped. */
const MOST_INCOMPLETE = 256

/** Opens the bus of the servers on subjects `${prefix}.${id}`. */
export function openBus(link: StreamLink, prefix: string): ServerBus {
  const { connection } = link
  const sender = randomBytes(SENDER_BYTES)
  let sent = 0

  return {
    async listen(id, receive) {
      checkOpen(connection)
      const joiner = new PartJoiner()
      const subscription = connection.subscribe(`${prefix}.${id}`, {
        callback: (error, message) => {
          const bytes = error ? undefined : joiner.take(message.data)
          if (bytes) receive(bytes)
        },
      })
      await connection.flush().catch(error => {
        throw noAnswer(error)
      })
      return async () => subscription.unsubscribe()
    },
    send(to, bytes) {
      checkOpen(connection)
      for (const message of splitMessage(bytes, dataLimit(link), sender, () => ++sent)) {
        connection.publish(`${prefix}.${to}`, message)
      }
    },
  }
}

function checkOpen(connection: NatsConnection): void {
  if (connection.isClosed()) throw closedError('bus')
}

/** Splits bytes into messages of at most `limit` bytes. */
export function* splitMessage(
  bytes: Uint8Array,
  limit: number,
  sender: Uint8Array,
  next: () => number,
): Generator<Uint8Array> {
  if (bytes.length < limit) {
    const whole = new Uint8Array(1 + bytes.length)
    whole[0] = WHOLE
    whole.set(bytes, 1)
    yield whole
    return
  }
  const size = limit - PART_BYTES
  const parts = Math.ceil(bytes.length / size)
  const number = next() >>> 0
  for (let part = 0; part < parts; part++) {
    const head = Buffer.alloc(PART_BYTES)
    head[0] = PART
    head.set(sender, 1)
    head.writeUInt32BE(number, 9)
    head.writeUInt32BE(part, 13)
    head.writeUInt32BE(parts, 17)
    yield Buffer.concat([head, bytes.subarray(part * size, (part + 1) * size)])
  }
}

interface IncompleteMessage {
  readonly number: number
  readonly parts: Uint8Array[]
}

/** Joins the parts of messages. A message of which a part was lost is dropped. */
export class PartJoiner {
  readonly #incomplete = new Map<string, IncompleteMessage>()

  /** Returns the message that `data` completes, if it does. */
  take(data: Uint8Array): Uint8Array | undefined {
    if (data[0] === WHOLE) return data.subarray(1)
    if (data[0] !== PART || data.length < PART_BYTES) return undefined
    const head = Buffer.from(data.buffer, data.byteOffset, PART_BYTES)
    const sender = head.toString('hex', 1, 1 + SENDER_BYTES)
    const [number, part, count] = [head.readUInt32BE(9), head.readUInt32BE(13), head.readUInt32BE(17)]
    const known = this.#incomplete.get(sender)
    const parts = known?.number === number ? known.parts : []
    this.#incomplete.delete(sender)
    if (parts.length !== part) return undefined
    parts.push(data.subarray(PART_BYTES))
    if (parts.length === count) return Buffer.concat(parts)
    this.#incomplete.set(sender, { number, parts })
    if (this.#incomplete.size > MOST_INCOMPLETE) this.#incomplete.delete(this.#incomplete.keys().next().value!)
    return undefined
  }
}
