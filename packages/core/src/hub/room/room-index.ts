import { MidsentenceError } from '../../errors.ts'
import type { RoomRecord } from '../../ports/room-log.ts'
import { throughOf } from '../../room/crossed.ts'
import type { Message, Seq } from '../../room/message.ts'
import { addMessage, emptySequence, type Sequence } from '../../room/sequence.ts'
import { ANSWERS_KEPT } from '../../session/facts.ts'
import { requestHash } from '../../session/request-hash.ts'
import { AuthorIndex, type AuthorIndexState } from './author-index.ts'

/** What a room log tells about the pushes of one session. */
export interface SessionPushes {
  /** The number of the last push of its hosted draft that was sent. */
  readonly push: Seq
  /** The cursor to which its messages moved it. */
  readonly through: Seq
  /** Its newest keys, with the messages that were sent under them. */
  readonly keys: ReadonlyMap<string, PublishedKey>
}

/** A message that was sent under a key: all that its answer needs, since retention may drop the message itself. */
export interface PublishedKey {
  readonly seq: Seq
  readonly message_id: string
  readonly timestamp: string
  readonly base: Seq
  /** Hash of the call. */
  readonly hash: string
  /** The number of the push of the hosted draft; 0 for a publish. */
  readonly push: number
  /** The answer gave the messages of others after this seq. Undefined if it gave none, or the session log tells. */
  readonly read: Seq | undefined
}

/** A room index as JSON. */
export interface RoomIndexState {
  readonly version: 3
  readonly sequence: Sequence
  readonly time: number
  readonly floor?: { readonly session: string; readonly name: string }
  readonly authors: AuthorIndexState
  readonly sent: readonly (readonly [session: string, push: number, through: Seq, keys: readonly StoredKey[]])[]
}

type StoredKey = readonly [
  key: string,
  seq: Seq,
  push: number,
  message_id: string,
  timestamp: string,
  base: Seq,
  hash: string,
  read?: Seq,
]

interface MutablePushes {
  push: number
  through: Seq
  readonly keys: Map<string, PublishedKey>
}

/**
 * The fold of a room's written records: all that a room needs when it opens, except the newest texts. Starting from a
 * snapshot gives the same index as reading all records.
 */
export class RoomIndex {
  readonly authors: AuthorIndex
  readonly #tracksPushes: boolean
  readonly #pushes = new Map<string, MutablePushes>()
  sequence: Sequence = emptySequence
  /** The room's last timestamp. */
  time = 0
  floor: { readonly session: string; readonly name: string } | undefined

  /** `tracksPushes`: whether `pushesOf` is needed, to restore sessions. */
  constructor(tracksPushes: boolean, authors = new AuthorIndex()) {
    this.#tracksPushes = tracksPushes
    this.authors = authors
  }

  /** Reads a state from a snapshot. Undefined if it is not valid or of another version. */
  static fromState(state: unknown, tracksPushes: boolean): RoomIndex | undefined {
    try {
      const { version, sequence, time, floor, authors, sent } = state as RoomIndexState
      if (version !== 3) return undefined
      const index = new RoomIndex(tracksPushes, AuthorIndex.fromState(authors))
      if (index.authors.count !== sequence.head) return undefined
      Object.assign(index, { sequence, time, floor })
      for (const [session, push, through, keys] of sent)
        index.#pushes.set(session, {
          push,
          through,
          keys: new Map(keys.map(publishedKey)),
        })
      return index
    } catch {
      return undefined
    }
  }

  /** Adds a written record. `authorKnown`: its author was added to `authors` already. */
  apply(record: RoomRecord, authorKnown = false): void {
    if (record.type === 'floor.granted') this.floor = { session: record.session, name: record.name }
    else if (record.type === 'floor.ended') this.floor = undefined
    else {
      const { message, session } = record
      if (!authorKnown) this.#addAuthor(message, session)
      this.sequence = addMessage(this.sequence, session)
      this.time = Math.max(this.time, Date.parse(message.timestamp) || 0)
      if (this.#tracksPushes) this.#trackPush(record)
    }
  }

  pushesOf(session: string): SessionPushes | undefined {
    return this.#pushes.get(session)
  }

  /** Forgets the pushes of a session that has ended. */
  forget(session: string): void {
    this.#pushes.delete(session)
  }

  /** Returns the state as JSON. Forgets the pushes of sessions that are not `open`. */
  state(open: ReadonlySet<string>): RoomIndexState {
    for (const session of this.#pushes.keys()) if (!open.has(session)) this.#pushes.delete(session)
    const { sequence, time, floor } = this
    return {
      version: 3,
      sequence,
      time,
      ...(floor && { floor }),
      authors: this.authors.state(sequence.head),
      sent: [...this.#pushes].map(
        ([session, { push, through, keys }]) => [session, push, through, [...keys].map(storedKey)] as const,
      ),
    }
  }

  #addAuthor({ seq }: Message, session: string): void {
    const { head } = this.sequence
    if (seq > head + 1 && head === 0) {
      // Retention dropped the messages before.
      this.authors.skip(seq - 1)
      this.sequence = { head: seq - 1, lastSession: '', newestByOthers: seq - 1 }
    } else if (seq !== head + 1) {
      throw new MidsentenceError('internal', `After message ${head} the log has ${seq}: messages in between are lost.`)
    }
    this.authors.add(session)
  }

  #trackPush({ message, session, push, key, silent, read }: Extract<RoomRecord, { type: 'message' }>): void {
    const pushes = this.#pushes.get(session) ?? { push: 0, through: 0, keys: new Map<string, PublishedKey>() }
    this.#pushes.set(session, pushes)
    pushes.push = Math.max(pushes.push, push)
    if (!silent) pushes.through = Math.max(pushes.through, read === undefined ? throughOf(message) : message.seq)
    if (key === '') return
    const { seq, message_id, timestamp, base = seq - 1, content, meta = null } = message
    const hash = push === 0 ? requestHash('publish', content, meta) : requestHash('push', meta)
    pushes.keys.set(key, { seq, message_id, timestamp, base, hash, push, read })
    if (pushes.keys.size > ANSWERS_KEPT) pushes.keys.delete(pushes.keys.keys().next().value!)
  }
}

function storedKey([key, published]: readonly [string, PublishedKey]): StoredKey {
  const { seq, push, message_id, timestamp, base, hash, read } = published
  const stored = [key, seq, push, message_id, timestamp, base, hash] as const
  return read === undefined ? stored : [...stored, read]
}

const publishedKey = ([key, seq, push, message_id, timestamp, base, hash, read]: StoredKey) =>
  [key, { seq, push, message_id, timestamp, base, hash, read }] as const
