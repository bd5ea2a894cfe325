import type { Message, Seq } from '@midsentence/core'
import { SERVER_NAME } from '../parse-events.ts'

/** One event with some messages of a room. `through` is the seq of the last one. */
export interface LegacyFrame {
  readonly bytes: Buffer
  readonly through: Seq
}

/** Characters after which an event ends, so that a slow reader gets complete events. */
const FRAME_LENGTH = 2 ** 16

const made = new WeakMap<readonly Message[], readonly LegacyFrame[]>()

/** Encodes a batch as events. Cached by array, so that all streams share the bytes. */
export function framesOf(batch: readonly Message[]): readonly LegacyFrame[] {
  const frames = made.get(batch) ?? makeFrames(batch)
  made.set(batch, frames)
  return frames
}

/** Encodes join or leave notices of `names`, at the time `now`. */
export function noticesFrame(names: readonly string[], present: boolean, now: number): Buffer {
  const content = present ? 'has joined the chat' : 'has left the chat'
  return frameOf(names.map(name => entryOf(SERVER_NAME, `${name} ${content}`, new Date(now))))
}

/** A comment that shows that the connection is alive. */
export const keepalive = Buffer.from(': keepalive\n\n')

function makeFrames(batch: readonly Message[]): LegacyFrame[] {
  const frames: LegacyFrame[] = []
  let entries: string[] = []
  let length = 0
  for (const [index, { sender_id, content, timestamp, seq }] of batch.entries()) {
    const entry = entryOf(sender_id, content, new Date(timestamp))
    entries.push(entry)
    length += entry.length
    if (length < FRAME_LENGTH && index < batch.length - 1) continue
    frames.push({ bytes: frameOf(entries), through: seq })
    entries = []
    length = 0
  }
  return frames
}

const frameOf = (entries: readonly string[]): Buffer => Buffer.from(`data: [${entries.join(', ')}]\n\n`)

/** Encodes an entry as ASCII, as the Python server does, so that no parser finds a line break in it. */
function entryOf(sender: string, content: string, at: Date): string {
  const entry = JSON.stringify({ sender, content, timestamp: at.toTimeString().slice(0, 8) })
  return entry.replace(/[\u007f-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
