import { Buffer } from 'node:buffer'
import type { Message, ScoreRecord, Seq } from '@midsentence/core'
import type { PresenceChange } from '@midsentence/core/hub'
import { messageText } from '@midsentence/core/wire'
import { type EventFrame, frameOf } from './frame.ts'

/** Reconnect delay suggested to readers, in milliseconds. */
const RETRY_MS = 2000

/** Characters at which some parsers break lines although the format does not. JSON escapes all other line breaks. */
const lineBreaks = /[\u0085\u2028\u2029]/g

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Encodes one event. Content of participants is only in `data`, which is one line of JSON. */
const eventOf = (id: number, name: string, json: string): string =>
  `id: ${id}\nevent: ${name}\ndata: ${json.replace(lineBreaks, escaped)}\n\n`

/** A comment, so that proxies and clients see that the connection is alive. */
export const heartbeat: EventFrame = frameOf(':\n\n')

/** The first event of a stream: `welcome` has the id of the log, and where reading starts. */
export const opening = (welcome: object, id: number): Buffer =>
  Buffer.from(
    `: the events of a room, as they come\nretry: ${RETRY_MS}\n\n${eventOf(id, 'welcome', JSON.stringify(welcome))}`,
  )

/** Repeats the last id: an event without an id would clear the reader's. */
export const missedFrame = (lastId: number, from: number, to: number): EventFrame =>
  frameOf(eventOf(lastId, 'missed', JSON.stringify({ from, to })))

/** How many watch the score of the room. */
export const watchersFrame = (lastSeq: Seq, watchers: number): EventFrame =>
  frameOf(eventOf(lastSeq, 'watchers', JSON.stringify({ watchers })))

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

const scoreFrames = new WeakMap<readonly ScoreRecord[], EventFrame>()

/** Encodes each record of `batch` as an event. Cached by array, so that all readers of a group share the bytes. */
export function recordsFrame(batch: readonly ScoreRecord[]): EventFrame {
  let frame = scoreFrames.get(batch)
  if (!frame) {
    frame = frameOf(batch.map(record => eventOf(record.position, 'record', JSON.stringify(record))).join(''))
    scoreFrames.set(batch, frame)
  }
  return frame
}
