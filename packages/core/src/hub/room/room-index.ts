import { MidsentenceError } from '../../errors.ts'
import type { RoomRecord } from '../../ports/room-log.ts'
import type { Message, Seq } from '../../room/message.ts'
import { addMessage, emptySequence, type Sequence } from '../../room/sequence.ts'
import { ANSWERS_KEPT } from '../../session/evolve.ts'
import { throughOf } from '../session/call-log.ts'
import { AuthorIndex, type AuthorIndexState } from './author-index.ts'

/** What a room's log says of one session that pushed there. */
export interface SessionPushes {
  /** The number of the last push of its hosted draft that went out. */
  readonly push: Seq
  /** How far its messages moved its cursor. */
  readonly through: Seq
  /** Which message each of its newest keys became. */
  readonly keys: ReadonlyMap<string, PublishedKey>
}

/** The message that a key became: by which push of the hosted draft (0: by a publish), and behind what its answer gave, if it did. */
export interface PublishedKey {
  readonly seq: Seq
  readonly push: number
  readonly read: Seq | undefined
}

/** A ledger as JSON. */
export interface RoomIndexState {
  readonly version: 2
  readonly sequence: Sequence
  readonly time: number
  readonly floor?: { readonly session: string; readonly name: string }
  readonly authors: AuthorIndexState
  readonly sent: readonly (readonly [session: string, push: number, through: Seq, keys: readonly StoredKey[]])[]
}

type StoredKey = readonly [key: string, seq: Seq, push: number, read?: Seq]

interface MutablePushes {
  push: number
  through: Seq
  readonly keys: Map<string, PublishedKey>
}

/**
 * What the written records of a room come to: all that its judge must know when it starts, but for the newest texts. It
 * is a fold of the records, so a ledger that begins with a snapshot is the one that has read everything.
 */
export class RoomIndex {
  readonly authors: AuthorIndex
  readonly #tracksPushes: boolean
  readonly #pushes = new Map<string, MutablePushes>()
  sequence: Sequence = emptySequence
  /** The room's last timestamp. */
  time = 0
  floor: { readonly session: string; readonly name: string } | undefined

  /** `remembers`: whether it is asked later what became of a session's pushes. */
  constructor(remembers: boolean, authors = new AuthorIndex()) {
    this.#tracksPushes = remembers
    this.authors = authors
  }

  /** The ledger that `state` stands for; undefined where it is none that we know. */
  static fromState(state: unknown, remembers: boolean): RoomIndex | undefined {
    try {
      const { version, sequence, time, floor, authors, sent } = state as RoomIndexState
      if (version !== 2) return undefined
      const ledger = new RoomIndex(remembers, AuthorIndex.fromState(authors))
      if (ledger.authors.count !== sequence.head) return undefined
      Object.assign(ledger, { sequence, time, floor })
      for (const [session, push, through, keys] of sent)
        ledger.#pushes.set(session, {
          push,
          through,
          keys: new Map(keys.map(([key, seq, push, read]) => [key, { seq, push, read }])),
        })
      return ledger
    } catch {
      return undefined
    }
  }

  /** One more record that is written. `known`: its author is in the list already. */
  apply(record: RoomRecord, known = false): void {
    if (record.type === 'floor.granted') this.floor = { session: record.session, name: record.name }
    else if (record.type === 'floor.ended') this.floor = undefined
    else {
      const { message, session } = record
      if (!known) this.#addAuthor(message, session)
      this.sequence = addMessage(this.sequence, session)
      this.time = Math.max(this.time, Date.parse(message.timestamp) || 0)
      if (this.#tracksPushes) this.#trackPush(record)
    }
  }

  pushesOf(session: string): SessionPushes | undefined {
    return this.#pushes.get(session)
  }

  /** As JSON, of the sessions that are `open`; what is known of the others is forgotten. */
  state(open: ReadonlySet<string>): RoomIndexState {
    for (const session of this.#pushes.keys()) if (!open.has(session)) this.#pushes.delete(session)
    const { sequence, time, floor } = this
    return {
      version: 2,
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
      // Its log has let go of what was before.
      this.authors.skip(seq - 1)
      this.sequence = { head: seq - 1, lastSession: '', newestByOthers: seq - 1 }
    } else if (seq !== head + 1) {
      throw new MidsentenceError('internal', `Behind message ${head} the log has ${seq}: something in between is lost.`)
    }
    this.authors.add(session)
  }

  #trackPush({ message, session, push, key, silent, read }: Extract<RoomRecord, { type: 'message' }>): void {
    const sent = this.#pushes.get(session) ?? { push: 0, through: 0, keys: new Map<string, PublishedKey>() }
    this.#pushes.set(session, sent)
    sent.push = Math.max(sent.push, push)
    if (!silent) sent.through = Math.max(sent.through, read === undefined ? throughOf(message) : message.seq)
    if (key === '') return
    sent.keys.set(key, { seq: message.seq, push, read })
    if (sent.keys.size > ANSWERS_KEPT) sent.keys.delete(sent.keys.keys().next().value!)
  }
}

const storedKey = ([key, { seq, push, read }]: readonly [string, PublishedKey]): StoredKey =>
  read === undefined ? [key, seq, push] : [key, seq, push, read]
