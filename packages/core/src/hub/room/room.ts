import { type DraftLimits, defaultLimits } from '../../draft/decide.ts'
import { MidsentenceError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Monitor } from '../../ports/monitor.ts'
import { defaultRoomAccess, type Policy, type RoomAccess } from '../../ports/policy.ts'
import type { Position, RoomLog, RoomRecord } from '../../ports/room-log.ts'
import { decideAndApply, nextDeadline, type RoomCommand } from '../../room/decide.ts'
import { emptyRoom, evolveRoom, type RoomState } from '../../room/evolve.ts'
import type { RoomFact } from '../../room/facts.ts'
import type { Floor, Message, Seq } from '../../room/message.ts'
import { defaultRoomSettings, type RoomSettings } from '../../room/settings.ts'
import { HistoryReader } from './history-reader.ts'
import { type LoadedRoom, loadRoom } from './load-room.ts'
import { MessageWindow } from './message-window.ts'
import type { RoomIndex } from './room-index.ts'
import { RoomWriter } from './room-writer.ts'
import { Snapshotter } from './snapshotter.ts'

/** A message on its way to be judged, and who waits for the verdict. */
export interface PendingPublish {
  readonly session: string
  readonly name: string
  readonly content: string
  readonly base: Seq
  /** The number of the push whose hosted draft this is; 0 where the draft is kept elsewhere. */
  readonly push: number
  readonly key: string
  readonly meta: Readonly<Record<string, unknown>> | undefined
  readonly timeout_ms: number | undefined
  readonly ignoresHolds: boolean
  readonly isNotification: boolean
  /** Where its answer begins to give, asked for when it is judged. Undefined: what it gives is not known yet. */
  readFrom(): Seq | undefined
  /** Called once, when what led to the verdict is as durable as the room promises. */
  settle(judgement: PublishOutcome): void
}

export type PublishOutcome =
  /** `ahead`: what the answer gives, where that stands in the same record. */
  | { readonly type: 'sent'; readonly message: Message; readonly ahead: readonly Message[] | undefined }
  | { readonly type: 'held' | 'timed-out'; readonly floor?: Floor }
  | { readonly type: 'failed'; readonly error: MidsentenceError }

type MessageRecord = Extract<RoomRecord, { type: 'message' }>

/** Who is told of what becomes visible in a room. */
export interface RoomEvents {
  /** New messages, written together. The same array for everybody. */
  committed(batch: readonly Message[]): void
  /** The log could not write. */
  failed(error: MidsentenceError): void
  /** The sessions that are open here. */
  openSessionIds(): ReadonlySet<string>
}

export interface RoomDeps {
  readonly name: string
  readonly log: RoomLog
  readonly clock: Clock
  readonly policy: Policy
  readonly monitor: Monitor
  /** The text of so many messages stays in memory; the rest is read from the log. */
  readonly tail: number
  readonly events: RoomEvents
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
  readonly access: RoomAccess
  readonly window: MessageWindow
  readonly reader: HistoryReader
  /** What is written, as far as it matters later. */
  readonly index: RoomIndex
  readonly #deps: RoomDeps
  readonly #pending = new Map<string, PendingPublish>()
  #state: RoomState
  readonly #writer: RoomWriter
  readonly #snapshotter: Snapshotter | undefined
  #failure: MidsentenceError | undefined
  #lastPending = 0
  #cancel: (() => void) | undefined
  /** The room's last timestamp: the wall clock may go back, timestamps do not. */
  #time: number
  #timestamp = ''
  readonly #prefix: string

  constructor(parts: RoomDeps, { index, tail, position }: LoadedRoom) {
    const { name, policy } = parts
    this.name = name
    this.#deps = parts
    this.settings = { ...defaultRoomSettings, ...policy.room(name) }
    this.limits = { ...defaultLimits, ...policy.limits(name) }
    this.access = { ...defaultRoomAccess, ...policy.access?.(name) }
    this.index = index
    this.window = new MessageWindow(parts.tail, index.authors, tail)
    this.reader = new HistoryReader(name, parts.log, this.window)
    this.#time = index.time
    this.#prefix = `${parts.log.id.slice(0, 8)}-${name}-`
    this.#state = this.#initialState(index)
    const { snapshots } = parts.log
    this.#snapshotter =
      snapshots && new Snapshotter(name, snapshots, parts.records, () => index.state(parts.events.openSessionIds()))
    this.#writer = new RoomWriter(parts.log, name, position, parts.clock, {
      committed: (ms, records) => parts.monitor.committed(ms, records),
      written: (records, position) => this.#written(records, position),
      failed: error => {
        this.#fail(error)
        parts.events.failed(error)
      },
    })
  }

  /** Opens a room as its log has it. `remembers`: whether it is asked later what became of a session's pushes. */
  static async open(parts: RoomDeps, remembers: boolean): Promise<Room> {
    return new Room(parts, await loadRoom(parts.log, parts.name, remembers, parts.tail))
  }

  get state(): RoomState {
    return this.#state
  }

  /** How many messages are before the room and not judged yet. */
  get waiting(): number {
    return this.#pending.size
  }

  /** Puts a message before the room; its verdict comes by `settle`. Never throws. */
  publish(speech: PendingPublish): void {
    if (this.#failure) return speech.settle({ type: 'failed', error: this.#failure })
    const push = `${++this.#lastPending}`
    this.#pending.set(push, speech)
    const { session, name, base, timeout_ms, ignoresHolds, isNotification } = speech
    this.decide({
      type: 'publish',
      push,
      session,
      name,
      base,
      timeout_ms,
      ignoresHolds,
      uncounted: isNotification,
    })
  }

  /** Judges a command, and puts what it leads to in line for the log. */
  decide(command: RoomCommand): void {
    if (this.#failure) return
    const { clock } = this.#deps
    const { facts, room } = decideAndApply(this.#state, command, {
      now: clock.monotonic(),
      settings: this.settings,
      overflows: (session, base) => this.window.overflows(session, base),
    })
    this.#state = room
    for (const fact of facts) this.#apply(fact)
    this.#cancel?.()
    const moment = nextDeadline(this.#state)
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
    const left = floor ? floor.until - this.#deps.clock.monotonic() : 0
    return floor && left > 0 ? { name: floor.name, for_ms: left } : undefined
  }

  /** Lets nothing more be judged: whoever waits for a verdict gets `error`. Resolves once all is written. */
  async close(error: MidsentenceError): Promise<void> {
    this.#fail(error)
    await this.#writer.idle()
    await this.#snapshotter?.close()
  }

  /** Rows and rests are lost with whoever judged before; the sequence and a floor are not. */
  #initialState({ sequence, floor }: RoomIndex): RoomState {
    const state = { ...emptyRoom, sequence }
    const at = this.#deps.clock.monotonic()
    return floor
      ? evolveRoom(state, { type: 'floor.granted', ...floor, at, until: at + this.settings.floor_ms })
      : state
  }

  #written(records: readonly RoomRecord[], position: Position): void {
    const messages: Message[] = []
    for (const record of records) {
      this.index.apply(record, true)
      if (record.type === 'message') messages.push(record.message)
    }
    const last = messages.at(-1)
    if (last) {
      this.window.visible = last.seq
      this.#deps.events.committed(messages)
    }
    this.#snapshotter?.written(records.length, position, this.index.sequence.head)
  }

  #apply(fact: RoomFact): void {
    switch (fact.type) {
      case 'sent':
        return this.#send(fact)
      case 'held':
      case 'timed-out': {
        const floor = fact.type === 'timed-out' || this.#state.floor?.session === fact.session ? this.floor : undefined
        const speech = this.#takePending(fact.push)
        const { type } = fact
        this.#deps.monitor.held(type === 'held' ? 'unseen' : 'floor')
        return this.#writer.queue({
          done: error => speech?.settle(error ? { type: 'failed', error } : { type, ...(floor && { floor }) }),
        })
      }
      case 'floor.granted':
      case 'floor.ended': {
        const { type, session, name } = fact
        if (type === 'floor.granted') this.#deps.monitor.floorGranted()
        else this.#deps.monitor.floorEnded(fact.why)
        return this.#writer.queue({ record: { type, session, name }, done: () => {} })
      }
      case 'left':
        for (const [push, speech] of this.#pending) {
          if (speech.session !== fact.session) continue
          this.#pending.delete(push)
          this.#writer.queue({ done: () => speech.settle({ type: 'failed', error: sessionLeftError() }) })
        }
        return
      default:
        return
    }
  }

  #send({ push, session, seq, base }: Extract<RoomFact, { type: 'sent' }>): void {
    const speech = this.#takePending(push)!
    const { content, key, meta } = speech
    const { crossed, crossed_more } = this.window.crossed(session, base, seq)
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
    const read = speech.readFrom()
    const ahead = read === undefined ? undefined : this.window.unseenBefore(session, read)
    this.window.add(message, session)
    this.#deps.monitor.sent((crossed?.length ?? 0) + (crossed_more ?? 0))
    const record: { -readonly [K in keyof MessageRecord]: MessageRecord[K] } = {
      type: 'message',
      message,
      session,
      push: speech.push,
      key,
    }
    if (speech.isNotification) record.silent = true
    if (ahead && (ahead.length > 0 || crossed)) record.read = read!
    this.#writer.queue({
      record,
      done: error => speech.settle(error ? { type: 'failed', error } : { type: 'sent', message, ahead }),
    })
  }

  /** The wall clock, never back. Many messages of one millisecond share its text, which costs more to make than to judge. */
  #stamp(): string {
    const now = this.#deps.clock.now()
    if (now > this.#time || this.#timestamp === '') {
      this.#time = Math.max(this.#time, now)
      this.#timestamp = new Date(this.#time).toISOString()
    }
    return this.#timestamp
  }

  #takePending(push: string): PendingPublish | undefined {
    const speech = this.#pending.get(push)
    this.#pending.delete(push)
    return speech
  }

  /** A log that failed has the last word: who waits is told, and nothing more is acknowledged. */
  #fail(error: MidsentenceError): void {
    this.#failure ??= error
    this.#cancel?.()
    for (const speech of this.#pending.values()) speech.settle({ type: 'failed', error })
    this.#pending.clear()
  }
}

/** Whoever left is told so by whatever it still waits for. */
export const sessionLeftError = () =>
  new MidsentenceError('session-unknown', 'This session has left the room. Join again to go on.')
