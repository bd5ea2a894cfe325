import { Buffer } from 'node:buffer'
import type { Message, Seq } from '@midsentence/core'
import type { PresenceChange } from '@midsentence/core/hub'
import { messageText } from '@midsentence/core/wire'
import { type EventFrame, frameOf } from './frame.ts'

/** Reconnect delay suggested to readers, in milliseconds. */
const RETRY_MS = 2000

/** Characters at which some parsers break lines although the format does not. JSON escapes all other line breaks. */
const lineBreaks = /[\u0085\u2028\u2029]/g

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Encodes one event. Content of participants is only in `data`, which is one line of JSON. */
const eventOf = (id: Seq, name: string, json: string): string =>
  `id: ${id}\nevent: ${name}\ndata: ${json.replace(lineBreaks, escaped)}\n\n`

/** A comment, so that proxies and clients see that the connection is alive. */
export const heartbeat: EventFrame = frameOf(':\n\n')

/** The first event of a stream: the id of the log, the cursor that reading starts after, and the reader's name. */
export const opening = (log: string, cursor: Seq, sender_id: string): Buffer =>
  Buffer.from(
    `: the messages of a room, as they come\nretry: ${RETRY_MS}\n\n${eventOf(cursor, 'welcome', JSON.stringify({ log, cursor, sender_id }))}`,
  )

/** Repeats the last seq as id: an event without an id would clear the reader's. */
export const missedFrame = (lastSeq: Seq, from: Seq, to: Seq): EventFrame =>
  frameOf(eventOf(lastSeq, 'missed', JSON.stringify({ from, to })))

/** Tells that the models of the room are silenced, or no longer. */
export const hushFrame = (lastSeq: Seq, on: boolean): EventFrame =>
  frameOf(eventOf(lastSeq, 'hush', JSON.stringify({ on })))

const presenceFrames = new WeakMap<
  ReadonlyMap<string, PresenceChange>,
  { readonly lastSeq: Seq; readonly frame: EventFrame }
>()

/** Encodes each change as an event. Cached by map: readers who have read up to the same seq share the bytes. */
export function presenceFrame(lastSeq: Seq, changes: ReadonlyMap<string, PresenceChange>): EventFrame {
  const cached = presenceFrames.get(changes)
  if (cached?.lastSeq === lastSeq) return cached.frame
  let text = ''
  for (const [sender_id, change] of changes)
    text += eventOf(lastSeq, 'presence', JSON.stringify({ sender_id, ...change }))
  const frame = frameOf(text)
  presenceFrames.set(changes, { lastSeq, frame })
  return frame
}

const frames = new WeakMap<readonly Message[], EventFrame>()

/** Encodes each message of `batch` as an event. Cached by array, so that all readers of a batch share the bytes. */
export function messagesFrame(batch: readonly Message[]): EventFrame {
  let frame = frames.get(batch)
  if (!frame) {
    frame = frameOf(batch.map(message => eventOf(message.seq, 'message', messageText(message))).join(''))
    frames.set(batch, frame)
  }
  return frame
}
