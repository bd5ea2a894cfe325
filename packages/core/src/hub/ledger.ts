import { MidsentenceError } from '../errors.ts'
import type { RoomRecord } from '../ports/room-log.ts'
import type { Message, Seq } from '../room/message.ts'
import { emptySequence, extend, type Sequence } from '../room/sequence.ts'
import { Authors, type AuthorsState } from './authors.ts'
import { throughOf } from './book.ts'
import { ANSWERS_KEPT } from './evolve.ts'

/** What a room's log says of one session that pushed there. */
export interface Sent {
  /** The number of the last push of its hosted draft that went out. */
  readonly push: Seq
  /** How far its messages moved its cursor. */
  readonly through: Seq
  /** Which message each of its newest keys became. */
  readonly keys: ReadonlyMap<string, Became>
}

/** The message that a key became: by which push of the hosted draft (0: by a publish), and behind what its answer gave, if it did. */
export interface Became {
  readonly seq: Seq
  readonly push: number
  readonly read: Seq | undefined
}

/** A ledger as JSON. */
export interface LedgerState {
  readonly version: 2
  readonly sequence: Sequence
  readonly time: number
  readonly floor?: { readonly session: string; readonly name: string }
  readonly authors: AuthorsState
  readonly sent: readonly (readonly [session: string, push: number, through: Seq, keys: readonly KeptKey[]])[]
}

type KeptKey = readonly [key: string, seq: Seq, push: number, read?: Seq]

interface MutableSent {
  push: number
  through: Seq
  readonly keys: Map<string, Became>
}

/**
 * What the written records of a room come to: all that its judge must know when it starts, but for the newest texts. It
 * is a fold of the records, so a ledger that begins with a snapshot is the one that has read everything.
 */
export class Ledger {
  readonly authors: Authors
  readonly #remembers: boolean
  readonly #sent = new Map<string, MutableSent>()
  sequence: Sequence = emptySequence
  /** The room's last timestamp. */
  time = 0
  floor: { readonly session: string; readonly name: string } | undefined

  /** `remembers`: whether it is asked later what became of a session's pushes. */
  constructor(remembers: boolean, authors = new Authors()) {
    this.#remembers = remembers
    this.authors = authors
  }

  /** The ledger that `state` stands for; undefined where it is none that we know. */
  static of(state: unknown, remembers: boolean): Ledger | undefined {
    try {
      const { version, sequence, time, floor, authors, sent } = state as LedgerState
      if (version !== 2) return undefined
      const ledger = new Ledger(remembers, Authors.of(authors))
      if (ledger.authors.count !== sequence.head) return undefined
      Object.assign(ledger, { sequence, time, floor })
      for (const [session, push, through, keys] of sent)
        ledger.#sent.set(session, {
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
  heard(record: RoomRecord, known = false): void {
    if (record.type === 'floor.granted') this.floor = { session: record.session, name: record.name }
    else if (record.type === 'floor.ended') this.floor = undefined
    else {
      const { message, session } = record
      if (!known) this.#takes(message, session)
      this.sequence = extend(this.sequence, session)
      this.time = Math.max(this.time, Date.parse(message.timestamp) || 0)
      if (this.#remembers) this.#remember(record)
    }
  }

  sentBy(session: string): Sent | undefined {
    return this.#sent.get(session)
  }

  /** As JSON, of the sessions that are `open`; what is known of the others is forgotten. */
  state(open: ReadonlySet<string>): LedgerState {
    for (const session of this.#sent.keys()) if (!open.has(session)) this.#sent.delete(session)
    const { sequence, time, floor } = this
    return {
      version: 2,
      sequence,
      time,
      ...(floor && { floor }),
      authors: this.authors.state(sequence.head),
      sent: [...this.#sent].map(
        ([session, { push, through, keys }]) => [session, push, through, [...keys].map(keptKey)] as const,
      ),
    }
  }

  #takes({ seq }: Message, session: string): void {
    const { head } = this.sequence
    if (seq > head + 1 && head === 0) {
      // Its log has let go of what was before.
      this.authors.skip(seq - 1)
      this.sequence = { head: seq - 1, by: '', others: seq - 1 }
    } else if (seq !== head + 1) {
      throw new MidsentenceError('internal', `Behind message ${head} the log has ${seq}: something in between is lost.`)
    }
    this.authors.add(session)
  }

  #remember({ message, session, push, key, silent, read }: Extract<RoomRecord, { type: 'message' }>): void {
    const sent = this.#sent.get(session) ?? { push: 0, through: 0, keys: new Map<string, Became>() }
    this.#sent.set(session, sent)
    sent.push = Math.max(sent.push, push)
    if (!silent) sent.through = Math.max(sent.through, read === undefined ? throughOf(message) : message.seq)
    if (key === '') return
    sent.keys.set(key, { seq: message.seq, push, read })
    if (sent.keys.size > ANSWERS_KEPT) sent.keys.delete(sent.keys.keys().next().value!)
  }
}

const keptKey = ([key, { seq, push, read }]: readonly [string, Became]): KeptKey =>
  read === undefined ? [key, seq, push] : [key, seq, push, read]
