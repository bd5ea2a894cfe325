import { MidsentenceError } from '@midsentence/core'

/** Kinds of entries: the first byte of a key. Never reuse a number. */
export const kinds = {
  identity: 0x01,
  /** How many heads of each kind there are. */
  counts: 0x02,
  roomHead: 0x10,
  roomRow: 0x11,
  snapshot: 0x12,
  sessionHead: 0x20,
  sessionRow: 0x21,
  journalHead: 0x30,
  journalRow: 0x31,
  scoreHead: 0x40,
  scoreRow: 0x41,
} as const

export type EntryKind = keyof typeof kinds

/** Maximum length of a room's name, in bytes. LMDB's keys have at most 1978. */
const NAME_BYTES = 1024

/** Throws `room-unavailable` if the name of a room is too long for a key. */
export function checkName(room: string): void {
  if (Buffer.byteLength(room) <= NAME_BYTES) return
  throw new MidsentenceError(
    'room-unavailable',
    `The name of a room has at most ${NAME_BYTES} bytes: choose a shorter one.`,
  )
}

export const identityKey = Buffer.of(kinds.identity)
export const countsKey = Buffer.of(kinds.counts)

const named = (kind: EntryKind, name: string): Buffer => Buffer.concat([Buffer.of(kinds[kind]), Buffer.from(name)])
export const roomHeadKey = (room: string): Buffer => named('roomHead', room)
export const sessionHeadKey = (room: string): Buffer => named('sessionHead', room)
export const journalHeadKey = (name: string): Buffer => named('journalHead', name)
export const scoreHeadKey = (room: string): Buffer => named('scoreHead', room)

/** Returns the name in the key of a head. */
export const nameIn = (key: Buffer): string => key.toString('utf8', 1)

/** The key of a room's row: the `seq` and `sub` of its first record. */
export function roomRowKey(room: number, seq: number, sub: number): Buffer {
  const key = Buffer.allocUnsafe(15)
  key[0] = kinds.roomRow
  key.writeUInt32BE(room, 1)
  key.writeUIntBE(seq, 5, 6)
  key.writeUInt32BE(sub, 11)
  return key
}

/** Reads `seq` and `sub` from the key of a room's row. */
export const seqAndSubIn = (key: Buffer): { readonly seq: number; readonly sub: number } => ({
  seq: key.readUIntBE(5, 6),
  sub: key.readUInt32BE(11),
})

/** The key of one of a room's two snapshots. */
export function snapshotKey(room: number, slot: 0 | 1): Buffer {
  const key = Buffer.alloc(6, kinds.snapshot)
  key.writeUInt32BE(room, 1)
  key[5] = slot
  return key
}

/** The key of a row of a room's sessions: the position of its first record. */
export const sessionRowKey = (room: number, position: number): Buffer => numbered('sessionRow', room, position)

export const journalRowKey = (journal: number, number: number): Buffer => numbered('journalRow', journal, number)

/** The key of a group of records of a score: the position of its first record. */
export const scoreRowKey = (score: number, position: number): Buffer => numbered('scoreRow', score, position)

function numbered(kind: EntryKind, owner: number, number: number): Buffer {
  const key = Buffer.allocUnsafe(11)
  key[0] = kinds[kind]
  key.writeUInt32BE(owner, 1)
  key.writeUIntBE(number, 5, 6)
  return key
}

/** The range of all keys of a kind: `from <= key < to`. */
export const keysOf = (kind: EntryKind): { readonly from: Buffer; readonly to: Buffer } => ({
  from: Buffer.of(kinds[kind]),
  to: Buffer.of(kinds[kind] + 1),
})

const labels: Readonly<Record<EntryKind, string>> = {
  identity: 'the identity record',
  counts: 'the counts record',
  roomHead: 'the head of a room',
  roomRow: 'a row of a room',
  snapshot: 'a snapshot of a room',
  sessionHead: 'the head of sessions',
  sessionRow: 'a row of a session',
  journalHead: 'the head of a journal',
  journalRow: 'a row of a journal',
  scoreHead: 'the head of a score',
  scoreRow: 'a row of a score',
}

/** Describes `key` in an error: its kind and its bytes in hexadecimal. */
export function describeKey(key: Uint8Array): string {
  const kind = (Object.keys(kinds) as EntryKind[]).find(kind => kinds[kind] === key[0])
  const bytes = Buffer.from(key).toString('hex')
  return kind ? `${labels[kind]} (key ${bytes})` : `an entry of an unknown kind (key ${bytes})`
}
