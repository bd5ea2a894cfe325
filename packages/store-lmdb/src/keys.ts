/** The kinds of records. The first byte of a key; never used for anything else again. */
export const kinds = {
  about: 0x01,
  /** How many rooms and journals there are. */
  counts: 0x02,
  /** Up to where what was written ahead is in LMDB. */
  mark: 0x03,
  roomHead: 0x10,
  roomRecord: 0x11,
  snapshot: 0x12,
  sessionHead: 0x20,
  sessionRecord: 0x21,
  journalHead: 0x30,
  journalRecord: 0x31,
} as const

export type Kind = keyof typeof kinds

/** LMDB takes keys up to 1978 bytes: a longer name is not kept. */
export const NAME_BYTES = 1024

export const aboutKey = Buffer.of(kinds.about)
export const countsKey = Buffer.of(kinds.counts)
export const markKey = Buffer.of(kinds.mark)
export const sessionHeadKey = Buffer.of(kinds.sessionHead)

const named = (kind: Kind, name: string): Buffer => Buffer.concat([Buffer.of(kinds[kind]), Buffer.from(name)])
export const roomHeadKey = (room: string): Buffer => named('roomHead', room)
export const journalHeadKey = (name: string): Buffer => named('journalHead', name)

/** What a head's key is the head of. */
export const nameIn = (key: Buffer): string => key.toString('utf8', 1)

/** A room's record: behind message `seq` of it, the `sub`th that is no message; 0 is the message itself. */
export function roomRecordKey(room: number, seq: number, sub: number): Buffer {
  const key = Buffer.allocUnsafe(15)
  key[0] = kinds.roomRecord
  key.writeUInt32BE(room, 1)
  key.writeUIntBE(seq, 5, 6)
  key.writeUInt32BE(sub, 11)
  return key
}

export const placeIn = (key: Buffer): { readonly seq: number; readonly sub: number } => ({
  seq: key.readUIntBE(5, 6),
  sub: key.readUInt32BE(11),
})

/** One of a room's two snapshots. */
export function snapshotKey(room: number, which: 0 | 1): Buffer {
  const key = Buffer.alloc(6, kinds.snapshot)
  key.writeUInt32BE(room, 1)
  key[5] = which
  return key
}

export function sessionRecordKey(number: number): Buffer {
  const key = Buffer.allocUnsafe(7)
  key[0] = kinds.sessionRecord
  key.writeUIntBE(number, 1, 6)
  return key
}

export const sessionNumberIn = (key: Buffer): number => key.readUIntBE(1, 6)

export function journalRecordKey(journal: number, number: number): Buffer {
  const key = Buffer.allocUnsafe(11)
  key[0] = kinds.journalRecord
  key.writeUInt32BE(journal, 1)
  key.writeUIntBE(number, 5, 6)
  return key
}

/** Every key of a kind lies from `from` on and below `to`. */
export const allOf = (kind: Kind): { readonly from: Buffer; readonly to: Buffer } => ({
  from: Buffer.of(kinds[kind]),
  to: Buffer.of(kinds[kind] + 1),
})

const names: Readonly<Record<Kind, string>> = {
  about: 'what it is',
  counts: 'how many rooms it has',
  mark: 'up to where it is in order',
  roomHead: 'the head of a room',
  roomRecord: 'a record of a room',
  snapshot: 'a snapshot of a room',
  sessionHead: 'the head of the sessions',
  sessionRecord: 'a record of a session',
  journalHead: 'the head of a journal',
  journalRecord: 'a record of a journal',
}

/** What is kept under `key`, for a sentence. */
export function described(key: Uint8Array): string {
  const kind = (Object.keys(kinds) as Kind[]).find(kind => kinds[kind] === key[0])
  const at = Buffer.from(key).toString('hex')
  return kind ? `${names[kind]} (${at})` : `a record of no kind that is known (${at})`
}
