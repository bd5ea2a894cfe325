import { createHash } from 'node:crypto'
import { headers, type MsgHdrs } from '@nats-io/transport-node'
import { damaged } from './errors.ts'

/** What the header of an entry says: the state of its subject after it. */
export interface EntryHead {
  /** The server that wrote it. Empty: from here on the subject has no owner. */
  readonly owner: string
  /** Id of the write. All parts of a group have the same. */
  readonly group: string
  /** Number of the part and how many there are. */
  readonly part: readonly [number, number]
  /** How many records the subject has, dropped ones included. A part counts none, except the last. */
  readonly records: number
  /** How many of them are in the group that ends here. 0: the entry only tells the owner, or is a part before the last. */
  readonly count: number
  /** The seq of the newest message, the position of the newest record of a score, or the number of open sessions. */
  readonly mark: number
  /** Stream sequence of the part before, or of the end of the group before. 0: nothing before counts. */
  readonly before: number
  /** Everything below this stream sequence may have been removed. */
  readonly floor: number
  /** In the log of sessions: the stream sequence at which the owner claimed the room. In other logs 0. */
  readonly term: number
}

/** One JetStream message of a log. */
export interface StreamEntry {
  readonly head: EntryHead
  readonly data: Uint8Array
  /** Its stream sequence. */
  readonly sequence: number
  /** When JetStream stored it, in milliseconds since 1970. */
  readonly time: number
}

/** Names of the headers of an entry. */
export const HEAD = 'Midsentence'
const SUM = 'Midsentence-Sum'

/** Returns the headers of an entry: its head, and a checksum of subject, head and data. */
export function sealEntry(subject: string, head: EntryHead, data: Uint8Array): MsgHdrs {
  const text = JSON.stringify(head)
  const sealed = headers()
  sealed.set(HEAD, text)
  sealed.set(SUM, sumOf(subject, text, data))
  return sealed
}

/** A message as a stream gives it. */
export interface StoredMessage {
  readonly subject: string
  readonly seq: number
  readonly data: Uint8Array
  readonly header?: MsgHdrs | undefined
  readonly headers?: MsgHdrs | undefined
}

/** Reads a message of a log. Throws `internal` if it is damaged. */
export function openEntry(message: StoredMessage, time: number): StreamEntry {
  const { subject, seq: sequence, data } = message
  const found = message.header ?? message.headers
  const text = found?.get(HEAD) ?? ''
  if (found?.get(SUM) !== sumOf(subject, text, data)) throw damaged(`the checksum of message ${sequence} is wrong`)
  return { head: JSON.parse(text) as EntryHead, data, sequence, time }
}

/** Tells whether an entry holds no part of a group, and only tells the owner. */
export const isOwnerRecord = ({ head, data }: StreamEntry): boolean => head.count === 0 && data.length === 0

const sumOf = (subject: string, head: string, data: Uint8Array): string =>
  createHash('sha256').update(`${subject}\n${head}\n`).update(data).digest('base64url').slice(0, 22)
