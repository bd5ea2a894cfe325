import { type DraftLimits, defaultLimits } from '../draft/decide.ts'
import { MidsentenceError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Monitor } from '../ports/monitor.ts'
import { defaultRoomEntry, type Policy, type RoomEntry } from '../ports/policy.ts'
import type { Position, RoomLog, RoomRecord } from '../ports/room-log.ts'
import { judgeRoom, nextMoment, type RoomCommand } from '../room/decide.ts'
import { emptyRoom, evolveRoom, type RoomState } from '../room/evolve.ts'
import type { RoomFact } from '../room/facts.ts'
import type { Floor, Message, Seq } from '../room/message.ts'
import { defaultRoomSettings, type RoomSettings } from '../room/settings.ts'
import type { Ledger } from './ledger.ts'
import { type Opening, openLog } from './opening.ts'
import { Reader } from './reader.ts'
import { RoomWriter } from './room-writer.ts'
import { Saving } from './saving.ts'
import { Timeline } from './timeline.ts'

/** A message on its way to be judged, and who waits for the verdict. */
export interface Speech {
  readonly session: string
  readonly name: string
  readonly content: string
  readonly base: Seq
  /** The number of the push whose hosted draft this is; 0 where the draft is kept elsewhere. */
  readonly push: number
  readonly key: string
  readonly meta: Readonly<Record<string, unknown>> | undefined
  readonly timeout_ms: number | undefined
  readonly free: boolean
  readonly uncounted: boolean
  /** Where its answer begins to give, asked for when it is judged. Undefined: what it gives is not known yet. */
  reads(): Seq | undefined
  /** Called once, when what led to the verdict is as durable as the room promises. */
  settle(judgement: Judgement): void
}

export type Judgement =
  /** `ahead`: what the answer gives, where that stands in the same record. */
  | { readonly type: 'sent'; readonly message: Message; readonly ahead: readonly Message[] | undefined }
  | { readonly type: 'held' | 'timed-out'; readonly floor?: Floor }
  | { readonly type: 'failed'; readonly error: MidsentenceError }

type MessageRecord = Extract<RoomRecord, { type: 'message' }>

/** Who is told of what becomes visible in a room. */
export interface Audience {
  /** New messages, written together. The same array for everybody. */
  spoken(batch: readonly Message[]): void
  /** The log could not write. */
  failed(error: MidsentenceError): void
  /** The sessions that are open here. */
  sessions(): ReadonlySet<string>
}

export interface RoomParts {
  readonly name: string
  readonly log: RoomLog
  readonly clock: Clock
  readonly policy: Policy
  readonly monitor: Monitor
  /** The text of so many messages stays in memory; the rest is read from the log. */
  readonly tail: number
  readonly audience: Audience
  /** A snapshot is left behind so many records. */
  readonly records: number
}

/**
 * One room: judges what is said, and writes it. A command is judged and put in line for the log in one go, so nothing
 * comes in between; what was put there while the log was busy is written together, and becomes visible together.
 */
export class Room {
  readonly name: string
  readonly settings: RoomSettings
  readonly limits: DraftLimits
  readonly entry: RoomEntry
  readonly timeline: Timeline
  readonly reader: Reader
  /** What is written, as far as it matters later. */
  readonly ledger: Ledger
  readonly #parts: RoomParts
  readonly #speeches = new Map<string, Speech>()
  #state: RoomState
  readonly #writer: RoomWriter
  readonly #saving: Saving | undefined
  #failure: MidsentenceError | undefined
  #speech = 0
  #cancel: (() => void) | undefined
  /** The room's last timestamp: the wall clock may go back, timestamps do not. */
  #time: number
  #timestamp = ''
  readonly #prefix: string

  constructor(parts: RoomParts, { ledger, tail, position }: Opening) {
    const { name, policy } = parts
    this.name = name
    this.#parts = parts
    this.settings = { ...defaultRoomSettings, ...policy.room(name) }
    this.limits = { ...defaultLimits, ...policy.limits(name) }
    this.entry = { ...defaultRoomEntry, ...policy.entry?.(name) }
    this.ledger = ledger
    this.timeline = new Timeline(parts.tail, ledger.authors, tail)
    this.reader = new Reader(name, parts.log, this.timeline)
    this.#time = ledger.time
    this.#prefix = `${parts.log.id.slice(0, 8)}-${name}-`
    this.#state = this.#begin(ledger)
    const { snapshots } = parts.log
    this.#saving =
      snapshots && new Saving(name, snapshots, parts.records, () => ledger.state(parts.audience.sessions()))
    this.#writer = new RoomWriter(parts.log, name, position, parts.clock, {
      committed: (ms, records) => parts.monitor.committed(ms, records),
      written: (records, position) => this.#written(records, position),
      failed: error => {
        this.#fail(error)
        parts.audience.failed(error)
      },
    })
  }

  /** Opens a room as its log has it. `remembers`: whether it is asked later what became of a session's pushes. */
  static async open(parts: RoomParts, remembers: boolean): Promise<Room> {
    return new Room(parts, await openLog(parts.log, parts.name, remembers, parts.tail))
  }

  get state(): RoomState {
    return this.#state
  }

  /** How many messages are before the room and not judged yet. */
  get waiting(): number {
    return this.#speeches.size
  }

  /** Puts a message before the room; its verdict comes by `settle`. Never throws. */
  publish(speech: Speech): void {
    if (this.#failure) return speech.settle({ type: 'failed', error: this.#failure })
    const push = `${++this.#speech}`
    this.#speeches.set(push, speech)
    const { session, name, base, timeout_ms, free, uncounted } = speech
    this.decide({ type: 'publish', push, session, name, base, timeout_ms, free, uncounted })
  }

  /** Judges a command, and puts what it leads to in line for the log. */
  decide(command: RoomCommand): void {
    if (this.#failure) return
    const { clock } = this.#parts
    const { facts, room } = judgeRoom(this.#state, command, {
      now: clock.monotonic(),
      settings: this.settings,
      overflows: (session, base) => this.timeline.overflows(session, base),
    })
    this.#state = room
    for (const fact of facts) this.#carryOut(fact)
    this.#cancel?.()
    const moment = nextMoment(this.#state)
    this.#cancel =
      moment === undefined ? undefined : clock.after(moment - clock.monotonic(), () => this.decide({ type: 'tick' }))
    this.#writer.write()
  }

  /** The floor, as far as `session` is concerned: its own, which this tells it of. */
  ownFloor(session: string): Floor | undefined {
    if (this.#state.floor?.session !== session) return undefined
    this.decide({ type: 'tell', session })
    return this.floor
  }

  /** Who has the floor, and for how long. */
  get floor(): Floor | undefined {
    const { floor } = this.#state
    const left = floor ? floor.until - this.#parts.clock.monotonic() : 0
    return floor && left > 0 ? { name: floor.name, for_ms: left } : undefined
  }

  /** Lets nothing more be judged: whoever waits for a verdict gets `error`. Resolves once all is written. */
  async close(error: MidsentenceError): Promise<void> {
    this.#fail(error)
    await this.#writer.idle()
    await this.#saving?.close()
  }

  /** Rows and rests are lost with whoever judged before; the sequence and a floor are not. */
  #begin({ sequence, floor }: Ledger): RoomState {
    const state = { ...emptyRoom, sequence }
    const at = this.#parts.clock.monotonic()
    return floor
      ? evolveRoom(state, { type: 'floor.granted', ...floor, at, until: at + this.settings.floor_ms })
      : state
  }

  #written(records: readonly RoomRecord[], position: Position): void {
    const messages: Message[] = []
    for (const record of records) {
      this.ledger.heard(record, true)
      if (record.type === 'message') messages.push(record.message)
    }
    const last = messages.at(-1)
    if (last) {
      this.timeline.visible = last.seq
      this.#parts.audience.spoken(messages)
    }
    this.#saving?.written(records.length, position, this.ledger.sequence.head)
  }

  #carryOut(fact: RoomFact): void {
    switch (fact.type) {
      case 'sent':
        return this.#say(fact)
      case 'held':
      case 'timed-out': {
        const floor = fact.type === 'timed-out' || this.#state.floor?.session === fact.session ? this.floor : undefined
        const speech = this.#take(fact.push)
        const { type } = fact
        this.#parts.monitor.held(type === 'held' ? 'unseen' : 'floor')
        return this.#writer.queue({
          done: error => speech?.settle(error ? { type: 'failed', error } : { type, ...(floor && { floor }) }),
        })
      }
      case 'floor.granted':
      case 'floor.ended': {
        const { type, session, name } = fact
        if (type === 'floor.granted') this.#parts.monitor.floorGranted()
        else this.#parts.monitor.floorEnded(fact.why)
        return this.#writer.queue({ record: { type, session, name }, done: () => {} })
      }
      case 'left':
        for (const [push, speech] of this.#speeches) {
          if (speech.session !== fact.session) continue
          this.#speeches.delete(push)
          this.#writer.queue({ done: () => speech.settle({ type: 'failed', error: goneError() }) })
        }
        return
      default:
        return
    }
  }

  #say({ push, session, seq, base }: Extract<RoomFact, { type: 'sent' }>): void {
    const speech = this.#take(push)!
    const { content, key, meta } = speech
    const { crossed, crossed_more } = this.timeline.crossed(session, base, seq)
    const message: { -readonly [K in keyof Message]: Message[K] } = {
      message_id: `${this.#prefix}${seq}`,
      sender_id: speech.name,
      content,
      timestamp: this.#stamp(),
      seq,
      base,
    }
    if (crossed) message.crossed = crossed
    if (crossed_more) message.crossed_more = crossed_more
    if (meta) message.meta = meta
    const read = speech.reads()
    const ahead = read === undefined ? undefined : this.timeline.ahead(session, read)
    this.timeline.add(message, session)
    this.#parts.monitor.sent((crossed?.length ?? 0) + (crossed_more ?? 0))
    const record: { -readonly [K in keyof MessageRecord]: MessageRecord[K] } = {
      type: 'message',
      message,
      session,
      push: speech.push,
      key,
    }
    if (speech.uncounted) record.silent = true
    if (ahead && (ahead.length > 0 || crossed)) record.read = read!
    this.#writer.queue({
      record,
      done: error => speech.settle(error ? { type: 'failed', error } : { type: 'sent', message, ahead }),
    })
  }

  /** The wall clock, never back. Many messages of one millisecond share its text, which costs more to make than to judge. */
  #stamp(): string {
    const now = this.#parts.clock.now()
    if (now > this.#time || this.#timestamp === '') {
      this.#time = Math.max(this.#time, now)
      this.#timestamp = new Date(this.#time).toISOString()
    }
    return this.#timestamp
  }

  #take(push: string): Speech | undefined {
    const speech = this.#speeches.get(push)
    this.#speeches.delete(push)
    return speech
  }

  /** A log that failed has the last word: who waits is told, and nothing more is acknowledged. */
  #fail(error: MidsentenceError): void {
    this.#failure ??= error
    this.#cancel?.()
    for (const speech of this.#speeches.values()) speech.settle({ type: 'failed', error })
    this.#speeches.clear()
  }
}

/** Whoever left is told so by whatever it still waits for. */
export const goneError = () =>
  new MidsentenceError('session-unknown', 'This session has left the room. Join again to go on.')
