import type { Message, ScoreRecord, Seq } from '@midsentence/core'
import type { PresenceChange } from '@midsentence/core/hub'
import { messageText } from '@midsentence/core/wire'

const TEXT = 0x81
const PING = 0x89
const PONG = 0x8a

const headLength = (length: number): number => (length < 126 ? 2 : length < 2 ** 16 ? 4 : 10)

/**
 * Encodes each text as a text frame and joins them for one write. Server frames have no mask (RFC 6455, 5.2), so all
 * readers share these bytes; `ws` would encode them for each reader.
 */
export function framesOf(texts: readonly string[]): Buffer {
  const lengths = texts.map(text => Buffer.byteLength(text))
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + headLength(length) + length, 0))
  let at = 0
  for (let index = 0; index < texts.length; index++) at = writeFrame(bytes, at, texts[index]!, lengths[index]!)
  return bytes
}

/** Encodes one text as a frame. */
export function frameOf(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const bytes = Buffer.allocUnsafe(headLength(length) + length)
  writeFrame(bytes, 0, text, length)
  return bytes
}

function writeFrame(bytes: Buffer, at: number, text: string, length: number): number {
  bytes[at] = TEXT
  const head = headLength(length)
  if (head === 2) bytes[at + 1] = length
  else if (head === 4) {
    bytes[at + 1] = 126
    bytes.writeUInt16BE(length, at + 2)
  } else {
    bytes[at + 1] = 127
    bytes.writeBigUInt64BE(BigInt(length), at + 2)
  }
  return at + head + bytes.write(text, at + head)
}

const notification = (method: string, params: object): string => notificationOf(method, JSON.stringify(params))

const notificationOf = (method: string, params: string): string =>
  `{"jsonrpc":"2.0","method":"${method}","params":${params}}`

/** The first frame of a room: the id of its log, the cursor that reading starts after, and the reader's name. */
export const welcomeFrame = (log: string, cursor: Seq, sender_id: string): Buffer =>
  frameOf(notification('welcome', { log, cursor, sender_id }))

export const missedFrame = (from: number, to: number): Buffer => frameOf(notification('missed', { from, to }))

/** How many watch the score of the room. */
export const watchersFrame = (watchers: number): Buffer => frameOf(notification('watchers', { watchers }))

/** The first frame of a score: the id of the room's log, and the position that reading starts after. */
export const scoreWelcomeFrame = (log: string, position: number): Buffer =>
  frameOf(notification('welcome', { log, position }))

const madeRecords = new WeakMap<readonly ScoreRecord[], Buffer>()

/** Encodes each record of `batch` as a frame. Cached by array, so that all readers of a group share the bytes. */
export function recordFrames(batch: readonly ScoreRecord[]): Buffer {
  let bytes = madeRecords.get(batch)
  if (!bytes) {
    bytes = framesOf(batch.map(record => notification('record', record)))
    madeRecords.set(batch, bytes)
  }
  return bytes
}

export const hushFrame = (on: boolean): Buffer => frameOf(notification('hush', { on }))

const madePresence = new WeakMap<ReadonlyMap<string, PresenceChange>, Buffer>()

/** Encodes each change as a frame. Cached by map, so that all readers share the bytes. */
export function presenceFrames(changes: ReadonlyMap<string, PresenceChange>): Buffer {
  let bytes = madePresence.get(changes)
  if (!bytes) {
    bytes = framesOf([...changes].map(([sender_id, change]) => notification('presence', { sender_id, ...change })))
    madePresence.set(changes, bytes)
  }
  return bytes
}

const made = new WeakMap<readonly Message[], Buffer>()

/** Encodes each message of `batch` as a frame. Cached by array, so that all readers of a batch share the bytes. */
export function messageFrames(batch: readonly Message[]): Buffer {
  let bytes = made.get(batch)
  if (!bytes) {
    bytes = framesOf(batch.map(message => notificationOf('message', messageText(message))))
    made.set(batch, bytes)
  }
  return bytes
}

/** A ping, whose pong shows that the client is there, and an `alive` notification, since a page sees no pings. */
export const heartbeat: Buffer = Buffer.concat([Buffer.from([PING, 0]), frameOf('{"jsonrpc":"2.0","method":"alive"}')])

/** The answer to a ping; its data is at most 125 bytes. */
export const pongFrame = (data: Buffer): Buffer => Buffer.concat([Buffer.from([PONG, data.length]), data])
