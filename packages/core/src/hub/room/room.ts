import { type DraftLimits, defaultLimits } from '../../draft/decide.ts'
import { isMidsentenceError, MidsentenceError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Monitor } from '../../ports/monitor.ts'
import { defaultRoomAccess, type Policy, type RoomAccess } from '../../ports/policy.ts'
import type { Position, RoomLog, RoomRecord } from '../../ports/room-log.ts'
import { decideAndApply, nextDeadline, type RoomCommand } from '../../room/decide.ts'
import { emptyRoom, evolveRoom, type RoomState } from '../../room/evolve.ts'
import type { RoomFact } from '../../room/facts.ts'
import type { Floor, Message, Seq } from '../../room/message.ts'
import { defaultRoomSettings, type RoomSettings } from '../../room/settings.ts'
import type { ScoreEvent } from '../../score/records.ts'
import { BatchWriter } from './batch-writer.ts'
import { HistoryReader } from './history-reader.ts'
import { type LoadedRoom, loadRoom } from './load-room.ts'
import { MessageWindow, type WindowBounds } from './message-window.ts'
import type { RoomIndex } from './room-index.ts'
import { Snapshotter } from './snapshotter.ts'

/** A message that is not judged yet, or waits. */
export interface PendingPublish {
  readonly session: string
  readonly name: string
  readonly content: string
  readonly base: Seq
  /** The number of the push of the hosted draft; 0 where the draft is kept elsewhere. */
  readonly push: number
  readonly key: string
  readonly meta: Readonly<Record<string, unknown>> | undefined
  readonly timeout_ms: number | undefined
  readonly ignoresHolds: boolean
  readonly isNotification: boolean
  /** Says, when the message is judged, after which seq the answer gives messages. Undefined: not known yet. */
  readonly call: { readFrom(): Seq | undefined }
  /** Called once, when everything before the outcome is durable. */
  settle(outcome: PublishOutcome): void
}

export type PublishOutcome =
  /** `unseen`: the messages of the answer, where the record of the message tells them. */
  | { readonly type: 'sent'; readonly message: Message; readonly unseen: readonly Message[] | undefined }
  | { readonly type: 'held' | 'timed-out'; readonly floor?: Floor }
  | { readonly type: 'failed'; readonly error: MidsentenceError }

type MessageRecord = Extract<RoomRecord, { type: 'message' }>

/** Receives what happens in a room. */
export interface RoomEvents {
  /** New messages, written together. */
  committed(batch: readonly Message[]): void
  /** Called once, when the log cannot write. */
  failed(error: MidsentenceError): void
  /** Returns the sessions that are open in this room. */
  openSessionIds(): ReadonlySet<string>
  /** Called with holds, floors and what the author of a push was given, for the score. Absent: there is none. */
  scored?(event: ScoreEvent): void
}

export interface RoomDeps {
  readonly name: string
  readonly log: RoomLog
  readonly clock: Clock
  readonly policy: Policy
  readonly monitor: Monitor
  /** Which of the newest messages stay in memory with their text. */
  readonly bounds: WindowBounds
  readonly events: RoomEvents
  /** Snapshot interval, in records. */
  readonly records: number
}

/**
 * One room: judges commands and writes what follows. Judging and queueing a write are one step, so nothing comes in between.
 * Writes that are queued while the log is busy are written together, and become visible together.
 */
export class Room {
  readonly name: string
  readonly settings: RoomSettings
  readonly limits: DraftLimits
  readonly access: RoomAccess
  readonly window: MessageWindow
  readonly reader: HistoryReader
  /** The fold of the written records. */
  readonly index: RoomIndex
  readonly #deps: RoomDeps
  readonly #pending = new Map<string, PendingPublish>()
  #state: RoomState
  readonly #writer: BatchWriter<RoomRecord>
  readonly #snapshotter: Snapshotter | undefined
  #failure: MidsentenceError | undefined
  /** The error of the pushes that are being withdrawn. */
  #withdrawal: MidsentenceError | undefined
  #lastPending = 0
  #cancel: (() => void) | undefined
  /** The room's last timestamp: the wall clock may go back, timestamps do not. */
  #time: number
  #timestamp = ''
  readonly #prefix: string

  constructor(deps: RoomDeps, loaded: LoadedRoom) {
    const { index, tail, position } = loaded
    const { name, policy } = deps
    this.name = name
    this.#deps = deps
    this.settings = { ...defaultRoomSettings, ...policy.room(name) }
    this.limits = { ...defaultLimits, ...policy.limits(name) }
    this.access = accessOf(policy, name)
    this.index = index
    this.window = new MessageWindow(deps.bounds, index.authors, tail)
    this.reader = new HistoryReader(name, deps.log, this.window)
    this.#time = index.time
    this.#prefix = `${deps.log.id.slice(0, 8)}-${name}-`
    this.#state = this.#initialState(index)
    const { snapshots } = deps.log
    this.#snapshotter =
      snapshots &&
      new Snapshotter(name, snapshots, deps.records, loaded, () => index.state(deps.events.openSessionIds()))
    this.#writer = new BatchWriter({
      clock: deps.clock,
      durability: deps.log.durability,
      position,
      append: (records, expected) => deps.log.append(name, records, expected),
      written: (records, position, ms) => this.#written(records, position, ms),
      failed: cause => {
        const error = writeError(cause)
        this.#fail(error)
        deps.events.failed(error)
        return error
      },
    })
  }

  /** Opens a room from its log. `tracksPushes`: whether its index remembers the pushes of each session. */
  static async open(deps: RoomDeps, tracksPushes: boolean): Promise<Room> {
    return new Room(deps, await loadRoom(deps.log, deps.name, tracksPushes, deps.bounds))
  }

  get state(): RoomState {
    return this.#state
  }

  /** Tells whether its log could not write, or it has closed. */
  get hasFailed(): boolean {
    return this.#failure !== undefined
  }

  /** The number of messages that are not judged yet. */
  get waiting(): number {
    return this.#pending.size
  }

  /** Judges a message, now or after a wait. The outcome goes to `settle`. Never throws. */
  publish(pending: PendingPublish): void {
    if (this.#failure) return pending.settle({ type: 'failed', error: this.#failure })
    const push = `${++this.#lastPending}`
    this.#pending.set(push, pending)
    const { session, name, base, timeout_ms, ignoresHolds, isNotification } = pending
    this.#deps.events.scored?.({ type: 'given', sender_id: name, seq: base })
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

  /** Judges a command, and queues what follows for the log. */
  decide(command: RoomCommand): void {
    if (this.#failure) return
    const { clock } = this.#deps
    const { facts, room } = decideAndApply(this.#state, command, {
      now: clock.monotonic(),
      settings: this.settings,
      overflows: (session, base, push) =>
        this.window.overflows(session, this.#pending.get(push)?.call.readFrom() ?? base),
    })
    this.#state = room
    for (const fact of facts) this.#apply(fact)
    this.#cancel?.()
    const moment = nextDeadline(this.#state)
    this.#cancel =
      moment === undefined ? undefined : clock.after(moment - clock.monotonic(), () => this.decide({ type: 'tick' }))
    this.#writer.write()
  }

  /** Ends the floor of `session`, and with `error` its pushes that wait. */
  withdraw(session: string, error: MidsentenceError): void {
    this.#withdrawal = error
    this.decide({ type: 'leave', session })
    this.#withdrawal = undefined
  }

  /** Returns the floor if `session` has it, and records that it was told. */
  ownFloor(session: string): Floor | undefined {
    if (this.#state.floor?.session !== session) return undefined
    this.decide({ type: 'tell', session })
    return this.floor
  }

  /** Who has the floor, and for how many milliseconds. */
  get floor(): Floor | undefined {
    const { floor } = this.#state
    const left = floor ? floor.until - this.#deps.clock.monotonic() : 0
    return floor && left > 0 ? { name: floor.name, for_ms: left } : undefined
  }

  /** Stops judging: messages that wait fail with `error`. Resolves once everything is written. */
  async close(error: MidsentenceError): Promise<void> {
    this.#fail(error)
    await this.#writer.idle()
    await this.#snapshotter?.close()
  }

  /** Restores the sequence and the floor. Hold counts and pauses after a floor are not in the log. */
  #initialState({ sequence, floor }: RoomIndex): RoomState {
    const state = { ...emptyRoom, sequence }
    const at = this.#deps.clock.monotonic()
    return floor
      ? evolveRoom(state, { type: 'floor.granted', ...floor, at, until: at + this.settings.floor_ms })
      : state
  }

  #written(records: readonly RoomRecord[], position: Position, ms: number): void {
    this.#deps.monitor.committed(ms, records.length)
    const messages: Message[] = []
    for (const record of records) {
      this.index.apply(record, true)
      if (record.type === 'message') messages.push(record.message)
    }
    const last = messages.at(-1)
    if (last) {
      this.window.show(last.seq)
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
        const pending = this.#takePending(fact.push)
        const { type } = fact
        this.#deps.monitor.held(type === 'held' ? 'unseen' : 'floor')
        return this.#writer.queue({
          done: error => {
            if (!error && pending) this.#scoreHold(pending.name, fact)
            pending?.settle(error ? { type: 'failed', error } : { type, ...(floor && { floor }) })
          },
        })
      }
      case 'floor.granted':
      case 'floor.ended': {
        const { type, session, name } = fact
        if (type === 'floor.granted') this.#deps.monitor.floorGranted()
        else this.#deps.monitor.floorEnded(fact.why)
        const { scored } = this.#deps.events
        const done = scored && (() => scored(floorEventOf(fact)))
        return this.#writer.queue({ record: { type, session, name }, done: error => error || done?.() })
      }
      case 'left': {
        const error = this.#withdrawal ?? sessionLeftError()
        for (const [push, pending] of this.#pending) {
          if (pending.session !== fact.session) continue
          this.#pending.delete(push)
          this.#writer.queue({ done: () => pending.settle({ type: 'failed', error }) })
        }
        return
      }
      default:
        return
    }
  }

  #scoreHold(sender_id: string, fact: Extract<RoomFact, { readonly type: 'held' | 'timed-out' }>): void {
    const [why, seq] =
      fact.type === 'held' ? (['unseen', fact.newest] as const) : (['floor', this.window.visible] as const)
    this.#deps.events.scored?.({ type: 'held', sender_id, why, seq })
  }

  #send({ push, session, seq, base }: Extract<RoomFact, { type: 'sent' }>): void {
    const pending = this.#takePending(push)!
    const { content, key, meta } = pending
    const { crossed, crossed_more } = this.window.crossed(session, base, seq)
    const message: { -readonly [K in keyof Message]: Message[K] } = {
      message_id: `${this.#prefix}${seq}`,
      sender_id: pending.name,
      content,
      timestamp: this.#stamp(),
      seq,
      base,
    }
    if (crossed) message.crossed = crossed
    if (crossed_more) message.crossed_more = crossed_more
    if (meta) message.meta = meta
    const readFrom = pending.call.readFrom()
    const unseen = readFrom === undefined ? undefined : this.window.unseenBefore(session, readFrom)
    this.window.add(message, session)
    this.#deps.monitor.sent((crossed?.length ?? 0) + (crossed_more ?? 0))
    const record: { -readonly [K in keyof MessageRecord]: MessageRecord[K] } = {
      type: 'message',
      message,
      session,
      push: pending.push,
      key,
    }
    if (pending.isNotification) record.silent = true
    if (unseen && (unseen.length > 0 || crossed)) record.read = readFrom!
    this.#writer.queue({
      record,
      done: error => pending.settle(error ? { type: 'failed', error } : { type: 'sent', message, unseen }),
    })
  }

  /** The wall clock, but never back. Messages of one millisecond share the text: making it costs more than judging. */
  #stamp(): string {
    const now = this.#deps.clock.now()
    if (now > this.#time || this.#timestamp === '') {
      this.#time = Math.max(this.#time, now)
      this.#timestamp = new Date(this.#time).toISOString()
    }
    return this.#timestamp
  }

  #takePending(push: string): PendingPublish | undefined {
    const pending = this.#pending.get(push)
    this.#pending.delete(push)
    return pending
  }

  /** Fails what waits: after a failed write, nothing more is acknowledged. */
  #fail(error: MidsentenceError): void {
    this.#failure ??= error
    this.#cancel?.()
    for (const pending of this.#pending.values()) pending.settle({ type: 'failed', error })
    this.#pending.clear()
  }
}

/** Returns the access settings of a room. What is not shown is not recorded. */
export function accessOf(policy: Policy, room: string): RoomAccess {
  const access = { ...defaultRoomAccess, ...policy.access?.(room) }
  return { ...access, recorded: access.recorded && access.observable }
}

function floorEventOf(fact: Extract<RoomFact, { readonly type: 'floor.granted' | 'floor.ended' }>): ScoreEvent {
  const { type, name: sender_id } = fact
  return type === 'floor.granted'
    ? { type, sender_id, for_ms: fact.until - fact.at }
    : { type, sender_id, why: fact.why }
}

/** Creates the error that the calls of a session end with after it has left. */
export const sessionLeftError = () =>
  new MidsentenceError('session-unknown', 'This session has left the room. Join again to go on.')

function writeError(cause: unknown): MidsentenceError {
  const data = isMidsentenceError(cause) ? cause.data : {}
  return new MidsentenceError(
    'unavailable',
    'The room could not write this down. It is not known yet whether your message was sent: push again later.',
    { cause, data: { ...data, unknown: true } },
  )
}
