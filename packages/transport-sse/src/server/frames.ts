import type { Message, Seq } from '@midsentence/core'
import { messageText } from '@midsentence/core/wire'
import { type EventFrame, frameOf } from './frame.ts'

/** How long a reader that does not know better rests before it comes back, in milliseconds. */
const RETRY_MS = 2000

/** Some readers end a line at these too, though the format does not. JSON escapes all others. */
const lineBreaks = /[\u0085\u2028\u2029]/g

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

/** One event. Its id and name are ours; all that others said is inside `data`, one line of JSON. */
const eventOf = (id: Seq, name: string, json: string): string =>
  `id: ${id}\nevent: ${name}\ndata: ${json.replace(lineBreaks, escaped)}\n\n`

/** A comment, so that whoever stands between knows that the line lives. */
export const heartbeat: EventFrame = frameOf(':\n\n')

/** What a stream begins with: which log it reads, and from where on. */
export const opening = (log: string, cursor: Seq): Buffer =>
  Buffer.from(
    `: the messages of a room, as they come\nretry: ${RETRY_MS}\n\n${eventOf(cursor, 'welcome', JSON.stringify({ log, cursor }))}`,
  )

/** `place` is repeated: an event without an id would blank the reader's. */
export const missedFrame = (place: Seq, from: Seq, to: Seq): EventFrame =>
  frameOf(eventOf(place, 'missed', JSON.stringify({ from, to })))

export const presenceFrame = (place: Seq, present: ReadonlyMap<string, boolean>): EventFrame =>
  frameOf(
    [...present]
      .map(([sender_id, present]) => eventOf(place, 'presence', JSON.stringify({ sender_id, present })))
      .join(''),
  )

const frames = new WeakMap<readonly Message[], EventFrame>()

/** All of `batch`, an event each; made once for all who are given the same array. */
export function messagesFrame(batch: readonly Message[]): EventFrame {
  let frame = frames.get(batch)
  if (!frame) {
    frame = frameOf(batch.map(message => eventOf(message.seq, 'message', messageText(message))).join(''))
    frames.set(batch, frame)
  }
  return frame
}
