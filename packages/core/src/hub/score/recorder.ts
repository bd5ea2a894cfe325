import type { DraftEvent } from '../../draft/events.ts'
import { emptyDraft, eventsOf, evolve } from '../../draft/evolve.ts'
import type { Cancel, Clock } from '../../ports/clock.ts'
import type { ScoreLog } from '../../ports/score-log.ts'
import type { Message, Seq } from '../../room/message.ts'
import { evolveScore, type ScoreState, stateEventOf } from '../../score/evolve.ts'
import type { ScoreEvent, ScorePlace, ScoreRecord } from '../../score/records.ts'
import { scoreSize } from '../../score/size.ts'

/** How long records wait for others, in milliseconds: all of them are one write. */
const GROUP_MS = 50
/** After a write that failed, in milliseconds. */
const RETRY_MS = 5000
/** Records and bytes that wait to be written, at most. */
const MAX_RECORDS = 1000
const MAX_BYTES = 2 ** 20
/** Records between two states; a large state is followed by as many bytes of others. */
const STATE_RECORDS = 1000
/** Messages that are named after a gap, at most: the newest. */
const MAX_NAMED = 1000

/** What the recorders of a hub share: the bytes that wait in all of them. */
export interface ScoreBudget {
  bytes: number
  readonly maximum: number
}

export interface ScoreRecorderDeps {
  readonly room: string
  readonly log: ScoreLog
  readonly clock: Clock
  readonly budget: ScoreBudget
  /** The room as its first record finds it. */
  readonly initial: ScoreState
  /** Resolves once earlier recordings of this room are written. */
  readonly before: Promise<unknown> | undefined
  /** Returns the newest visible seq. */
  head(): Seq
  /** Called with each group once the log has it. */
  written(records: readonly ScoreRecord[]): void
  /** Called when the log cannot write; once until it can again. */
  failed(cause: unknown): void
}

/** A record that has no position yet. */
type PendingRecord = Omit<ScorePlace, 'position'> & ScoreEvent

/**
 * Records a room: adds to a bounded buffer, and writes it in groups. No caller waits. What does not fit or cannot be written
 * is lost; a `gap` marks the place, the messages meanwhile are named, and a `state` says what it led to.
 */
export class ScoreRecorder {
  readonly #deps: ScoreRecorderDeps
  /** What everything led to, also the lost records. */
  #live: ScoreState
  /** What the first record finds, until it is written. */
  #initial: { readonly state: ScoreState; readonly head: Seq } | undefined
  #buffer: PendingRecord[] = []
  #bytes = 0
  /** The newest position in the log. Undefined: not known, or not any more. */
  #position: number | undefined
  /** The head and the time of the newest record in the log. */
  #writtenHead: Seq = 0
  #writtenAt = ''
  /** The log ends like that of a crash. */
  #isCut = false
  /** Records that came after those of the buffer and did not fit, or could not be written. Messages do not count. */
  #lost: number | undefined
  #isStateDue = false
  #sinceState = { records: 0, bytes: 0 }
  #stateBytes = 0
  #time = 0
  #timer: Cancel | undefined
  #writing: Promise<void> | undefined
  #isClosing = false
  #isFailing = false

  constructor(deps: ScoreRecorderDeps) {
    this.#deps = deps
    this.#live = deps.initial
    this.#initial = { state: deps.initial, head: deps.head() }
  }

  /** Looks at the end of the log, and writes a gap if an earlier recording ended without saying so. */
  start(): void {
    this.#write()
  }

  /** Records an event. */
  record(event: ScoreEvent, head: Seq = this.#deps.head()): void {
    if (this.#isClosing) return
    this.#live = evolveScore(this.#live, event)
    this.#add(event, head)
    const { records, bytes } = this.#sinceState
    if (records >= STATE_RECORDS && bytes >= this.#stateBytes) this.#isStateDue = true
    this.#schedule(GROUP_MS)
  }

  /** Records a message of the room, before anything that follows it. */
  message(message: Message): void {
    this.record({ type: 'message', seq: message.seq, message }, message.seq)
  }

  /** Records what happened to a draft; with `whole`, `events` are all of it. */
  draft(sender_id: string, events: readonly DraftEvent[], whole: boolean): void {
    const added = whole ? this.#addedTo(sender_id, events) : events
    if (!added) {
      return this.record({ type: 'draft', sender_id, draft: eventsOf(events.reduce(evolve, emptyDraft)) })
    }
    for (const event of added) {
      if (event.type === 'appended') this.given(sender_id, event.base)
      this.record({ ...event, sender_id })
    }
  }

  /** Records that a participant was given everything up to `seq`, if that is new. */
  given(sender_id: string, seq: Seq): void {
    const given = this.#live.lanes.get(sender_id)?.given
    if (given !== undefined && seq > given) this.record({ type: 'given', sender_id, seq })
  }

  /** Writes a state, if there are records since the last: a log is trimmed at states. */
  mark(): void {
    if (this.#initial || this.#sinceState.records === 0) return
    this.#isStateDue = true
    this.#schedule(GROUP_MS)
  }

  /** Drops the records of the room, also those that wait. Resolves with whether there were some. */
  async erase(): Promise<boolean> {
    const waited = this.#buffer.length > 0
    this.#clear()
    this.#lost = undefined
    this.#isStateDue = false
    this.#initial = { state: this.#live, head: this.#deps.head() }
    await this.#writing
    this.#isCut = false
    return (await this.#deps.log.erase(this.#deps.room)) || waited
  }

  /** Writes what waits, and that the recording ends. Resolves once the log has it, or could not write it. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#timer?.()
    await this.#writing
    this.#write()
    await this.#writing
    this.#timer?.()
    this.#clear()
  }

  /** Returns what `events` add to the draft that is known; undefined if they are another draft. */
  #addedTo(sender_id: string, events: readonly DraftEvent[]): readonly DraftEvent[] | undefined {
    const lane = this.#live.lanes.get(sender_id)
    const known = lane ? eventsOf(lane.draft) : []
    const isSame = known.every(({ text, base }, nth) => {
      const event = events[nth]
      return event?.type === 'appended' && event.text === text && event.base === base
    })
    return isSame ? events.slice(known.length) : undefined
  }

  #add(event: ScoreEvent, head: Seq): void {
    const { budget } = this.#deps
    const bytes = scoreSize(event) + messageBytes(event)
    this.#sinceState.records++
    this.#sinceState.bytes += bytes
    const fits =
      this.#buffer.length < MAX_RECORDS && this.#bytes + bytes <= MAX_BYTES && budget.bytes + bytes <= budget.maximum
    // After the first that is lost, all are, until the gap is written.
    if (this.#lost !== undefined || !fits) {
      this.#lost = (this.#lost ?? 0) + Number(event.type !== 'message')
      return
    }
    this.#buffer.push({ at: this.#stamp(), head, ...event })
    this.#bytes += bytes
    budget.bytes += bytes
  }

  #clear(): void {
    this.#deps.budget.bytes -= this.#bytes
    this.#bytes = 0
    this.#buffer = []
  }

  /** The wall clock, but never back. */
  #stamp(): string {
    this.#time = Math.max(this.#time, this.#deps.clock.now())
    return new Date(this.#time).toISOString()
  }

  #schedule(ms: number): void {
    if (this.#timer || this.#writing || this.#isClosing) return
    this.#timer = this.#deps.clock.after(ms, () => this.#write())
  }

  #write(): void {
    this.#timer = undefined
    this.#writing ??= this.#writeGroups().then(isWritten => {
      this.#writing = undefined
      const waits = this.#buffer.length > 0 || this.#lost !== undefined || this.#isStateDue
      if (waits) this.#schedule(isWritten ? GROUP_MS : RETRY_MS)
    })
  }

  /** Resolves with false if the log could not write. */
  async #writeGroups(): Promise<boolean> {
    const { room, log, before, written, failed } = this.#deps
    let pending: readonly PendingRecord[] = []
    try {
      await before
      const first = this.#position ?? (await this.#readEnd())
      pending = this.#take()
      const records = pending.map((record, nth) => ({ position: first + nth + 1, ...record }) as ScoreRecord)
      for (const group of groupsOf(records)) {
        await log.append(room, group.map(withoutMessage))
        this.#position = group.at(-1)!.position
        this.#writtenHead = group.at(-1)!.head
        pending = pending.slice(group.length)
        this.#isFailing = false
        written(group)
      }
      return true
    } catch (cause) {
      if (!this.#isFailing) failed(cause)
      this.#isFailing = true
      const lost = pending.filter(({ type }) => type !== 'message').length
      if (pending.length > 0) this.#lost = (this.#lost ?? 0) + lost
      // Whether it was written after all is known once the log is read again.
      this.#position = undefined
      return false
    }
  }

  /** Reads where the log ends. An end that is no `stopped` is that of a crash. */
  async #readEnd(): Promise<number> {
    const { position, record } = await this.#deps.log.end(this.#deps.room)
    if (record) {
      this.#time = Math.max(this.#time, Date.parse(record.at))
      this.#writtenAt = record.at
    }
    this.#writtenHead = record?.head ?? this.#initial?.head ?? this.#writtenHead
    this.#isCut = this.#initial !== undefined && record !== undefined && record.type !== 'stopped'
    this.#position = position
    return position
  }

  /** Takes everything that is to be written, with what marks gaps and states. */
  #take(): readonly PendingRecord[] {
    const { head } = this.#deps
    const records: PendingRecord[] = []
    const begins = this.#isCut || this.#buffer.length > 0 || this.#lost !== undefined
    if (this.#initial && begins) {
      const initial = this.#initial
      this.#initial = undefined
      if (this.#isCut) this.#addGap(records, undefined, this.#writtenHead, initial.head)
      const since = this.#sinceState
      this.#addState(records, initial.state, initial.head)
      // What waits comes after this state.
      this.#sinceState = since
      this.#isCut = false
    }
    const earliest = records.at(-1)?.at ?? this.#writtenAt
    // The clock may have gone back since the records before were written.
    for (const record of this.#buffer) records.push(record.at < earliest ? { ...record, at: earliest } : record)
    const lost = this.#lost
    this.#clear()
    this.#lost = undefined
    if (lost !== undefined) this.#addGap(records, lost, records.at(-1)?.head ?? this.#writtenHead, head())
    if (lost !== undefined || this.#isStateDue) this.#addState(records, this.#live, head())
    if (this.#isClosing && !this.#initial) records.push({ at: this.#stamp(), head: head(), type: 'stopped' })
    return records
  }

  #addGap(records: PendingRecord[], lost: number | undefined, from: Seq, to: Seq): void {
    const at = this.#stamp()
    records.push({ at, head: from, type: 'gap', ...(lost && { lost }) })
    for (let seq = Math.max(from, to - MAX_NAMED) + 1; seq <= to; seq++) {
      records.push({ at, head: seq, type: 'message', seq })
    }
  }

  #addState(records: PendingRecord[], state: ScoreState, head: Seq): void {
    const event = stateEventOf(state)
    this.#isStateDue = false
    this.#stateBytes = scoreSize(event)
    this.#sinceState = { records: 0, bytes: 0 }
    records.push({ at: this.#stamp(), head, ...event })
  }
}

/** A message in the buffer keeps its text in memory. */
const messageBytes = (event: ScoreEvent): number =>
  event.type === 'message' ? (event.message?.content.length ?? 0) : 0

/** Splits records before each state: a log can be cut there. */
function groupsOf(records: readonly ScoreRecord[]): ScoreRecord[][] {
  const groups: ScoreRecord[][] = []
  for (const record of records) {
    if (record.type === 'state' || groups.length === 0) groups.push([record])
    else groups.at(-1)!.push(record)
  }
  return groups
}

function withoutMessage(record: ScoreRecord): ScoreRecord {
  if (record.type !== 'message' || !record.message) return record
  const { message: _, ...rest } = record
  return rest
}
