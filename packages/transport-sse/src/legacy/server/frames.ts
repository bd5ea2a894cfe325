import type { Message, Seq } from '@midsentence/core'
import { SERVER_NAME } from '../parse-events.ts'

/** One event: what of a room's messages is said in it, and up to where that goes. */
export interface LegacyFrame {
  readonly bytes: Buffer
  readonly through: Seq
}

/** An event ends once it has so many characters, so that a slow reader has something whole now and then. */
const FRAME_LENGTH = 2 ** 16

const made = new WeakMap<readonly Message[], readonly LegacyFrame[]>()

/** A batch as events, the same for every stream that is given the same batch. */
export function framesOf(batch: readonly Message[]): readonly LegacyFrame[] {
  const frames = made.get(batch) ?? makeFrames(batch)
  made.set(batch, frames)
  return frames
}

/** What the server itself says of each of `names`: that it came, or went, at `now`. */
export function noticesFrame(names: readonly string[], present: boolean, now: number): Buffer {
  const content = present ? 'has joined the chat' : 'has left the chat'
  return frameOf(names.map(name => entryOf(SERVER_NAME, `${name} ${content}`, new Date(now))))
}

/** Shows that the line lives. */
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

/** In ASCII alone, as the seed's server has it: whatever a reader takes for a line break, there is none. */
function entryOf(sender: string, content: string, at: Date): string {
  const entry = JSON.stringify({ sender, content, timestamp: at.toTimeString().slice(0, 8) })
  return entry.replace(/[\u007f-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
