import type { Monitor } from '@midsentence/core'
import type { ServerLog } from './log.ts'
import { RefusalLog } from './refusal-log.ts'

/** Counts events of the hub and the router, and logs those that matter to an operator. Plain numbers, since some change with every message. */
export class Counters implements Monitor {
  messages = 0
  crossings = 0
  readonly holds = { unseen: 0, floor: 0 }
  floorGrants = 0
  readonly floorEnds = { sent: 0, yielded: 0, left: 0, time: 0 }
  deliveries = 0
  stalls = 0
  records = 0
  joins = 0
  leaves = 0
  readonly refusals = { rate: 0, loop: 0, content: 0, entry: 0 }
  /** Refused requests and connections, by reason. */
  readonly turnedAway = { host: 0, origin: 0, address: 0, connection: 0, backlog: 0 }
  faults = 0
  /** Called with the duration of each commit, in milliseconds. */
  onCommit: ((ms: number) => void) | undefined
  readonly #log: ServerLog
  readonly #refusalLog: RefusalLog

  constructor(log: ServerLog) {
    this.#log = log
    this.#refusalLog = new RefusalLog(log)
  }

  /** Logs what is counted and not logged yet. */
  close(): void {
    this.#refusalLog.close()
  }

  sent(crossed: number): void {
    this.messages++
    this.crossings += crossed
  }

  held(why: 'unseen' | 'floor'): void {
    this.holds[why]++
  }

  floorGranted(): void {
    this.floorGrants++
  }

  floorEnded(why: 'sent' | 'yielded' | 'left' | 'time'): void {
    this.floorEnds[why]++
  }

  delivered(messages: number): void {
    this.deliveries += messages
  }

  stalled(): void {
    this.stalls++
  }

  committed(ms: number, records: number): void {
    this.records += records
    this.onCommit?.(ms)
  }

  joined(session: string, room: string): void {
    this.joins++
    this.#log.info({ session, room }, 'joined')
  }

  left(session: string, room: string, reason: string): void {
    this.leaves++
    this.#log.info({ session, room, reason }, 'left')
  }

  refused(what: 'rate' | 'loop' | 'content' | 'entry', room: string): void {
    this.refusals[what]++
    this.#refusalLog.add(what === 'entry' ? 'warn' : 'debug', 'refused', { what, room })
  }

  scoreFailed(room: string, cause: unknown): void {
    const error = cause instanceof Error ? cause.message : String(cause)
    this.#refusalLog.add('warn', scoreFailure, { room, error })
  }

  leaseLost(rooms: number, evicted: boolean): void {
    this.#log.warn({ rooms, evicted }, evicted ? leaseTaken : leaseOver)
  }

  leaseRegained(ms: number, evicted: boolean): void {
    const seconds = Math.round(ms / 100) / 10
    this.#log.warn({ seconds, evicted }, 'this server confirmed its lease in NATS: it answers for its rooms again')
  }

  serverEvicted(server: string, silentMs: number): void {
    const seconds = Math.round(silentMs / 100) / 10
    this.#log.info({ server, seconds }, 'evicted a silent server: others take its rooms')
  }

  requestTurnedAway(why: 'host' | 'origin' | 'address' | 'connection' | 'backlog', address: string): void {
    this.turnedAway[why]++
    const isOverLimit = why !== 'host' && why !== 'origin'
    this.#refusalLog.add(isOverLimit ? 'warn' : 'debug', 'turned away', { why, address })
  }
}

const scoreFailure =
  'a score cannot be written: what happens until then is lost, and marked as a gap; messages are not. Free space on the disk, and let the server write the directory score of its data'

const leaseOver =
  'this server cannot renew its lease in NATS: it answers nothing for its rooms until it can, and others may take them'
const leaseTaken =
  'other servers evicted this one, since it renewed its lease in NATS too late: they may take its rooms, and it answers nothing for them until it has confirmed each'
