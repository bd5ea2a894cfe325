import { randomUUID } from 'node:crypto'
import { MidsentenceError } from '@midsentence/core'
import { type EntryHead, isOwnerRecord, sealEntry } from './entry.ts'
import { closedError, notOwner } from './errors.ts'
import { findGroup, type GroupKey, type RecordGroup, readGroups, startOfGroup } from './groups.ts'
import { messageId, publishAfter } from './publish-after.ts'
import { lastEntry, nextEntry } from './read-entries.ts'
import { SequenceIndex } from './sequence-index.ts'
import { dataLimit, type StreamLink } from './stream-link.ts'

/** One subject of a stream, and for whom it is written. */
export interface SubjectOptions {
  readonly stream: string
  readonly subject: string
  /** The room, for messages. */
  readonly room: string
  /** Id of the writer. */
  readonly owner: string
  /** Where the owner claimed the room, in the log of its sessions. */
  readonly term?: number
}

/** The state of a subject after its last entry. */
interface SubjectState extends Pick<EntryHead, 'owner' | 'records' | 'mark' | 'floor' | 'term'> {
  /** Stream sequence of the last entry. 0: there is none. */
  readonly last: number
  /** Stream sequence at the end of the newest group. 0: there is none. */
  readonly end: number
  /** Stream sequence of the newest owner record, if it is known. 0: it is not. */
  readonly ownerRecord: number
}

const EMPTY: SubjectState = { owner: '', records: 0, mark: 0, floor: 0, term: 0, last: 0, end: 0, ownerRecord: 0 }

/** What an owner record changes besides the owner. */
type OwnerChange = Partial<Pick<EntryHead, 'owner' | 'records' | 'mark' | 'floor' | 'before'>>

/**
 * The log of one subject. Each entry is published under the expectation that the entry before is still the last one, so that
 * only one writer can go on. Calls take effect in call order.
 */
export class SubjectLog {
  readonly #link: StreamLink
  readonly #options: SubjectOptions
  readonly #index = new SequenceIndex()
  #state: SubjectState | undefined
  /** The outcome of a write is not known. */
  #isUnsure = false
  #isLost = false
  #isClosed = false
  #queue: Promise<unknown> = Promise.resolve()

  constructor(link: StreamLink, options: SubjectOptions) {
    this.#link = link
    this.#options = options
  }

  get state(): SubjectState {
    return this.#state ?? EMPTY
  }

  /** Resolves when the outcome of every write that has ended is known. Rejects if the writer is not the owner any more. */
  async settled(): Promise<void> {
    if (this.#isUnsure || this.#isLost || this.#isClosed || !this.#state) await this.run(async () => undefined)
  }

  /** Runs `act` after all earlier calls, when the state of the subject is known. */
  run<T>(act: () => Promise<T>): Promise<T> {
    if (this.#isClosed || this.#link.isClosing) return Promise.reject(closedError(`log of ${this.#options.room}`))
    const running = this.#queue.then(async () => {
      await this.#settle()
      return act()
    })
    this.#queue = running.catch(() => undefined)
    return running
  }

  /** Resolves when all calls have ended. Later ones fail. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#queue
  }

  /** Reads the state from the leader of the stream. */
  async load(): Promise<SubjectState> {
    const { stream, subject } = this.#options
    const entry = await lastEntry(this.#link, stream, subject)
    this.#state = EMPTY
    if (entry) {
      const { owner, records, mark, floor, term } = entry.head
      const ownerRecord = isOwnerRecord(entry) ? entry.sequence : 0
      const end = entry.head.count > 0 ? entry.sequence : await this.#endBefore(entry.head)
      this.#state = { owner, records, mark, floor, term, last: entry.sequence, end, ownerRecord }
      if (end > 0) this.#index.add({ records, mark, sequence: end })
    }
    return this.#state
  }

  /** Follows the parts of a group that was never completed to the group before it. */
  async #endBefore(head: EntryHead): Promise<number> {
    const { stream, subject } = this.#options
    let [part, before] = [head.part[0], head.before]
    while (part > 1) {
      const entry = await nextEntry(this.#link, stream, subject, before)
      if (!entry || entry.sequence !== before) return before
      ;[part, before] = [entry.head.part[0], entry.head.before]
    }
    return before
  }

  /**
   * Makes the writer the owner: appends an owner record after the last entry, if `mayTake` allows it for the owner that this
   * entry names. Rejects if it does not, if another writer became the owner meanwhile, or has a later term.
   */
  async claim(mayTake: (owner: string) => Promise<boolean> = async () => true): Promise<void> {
    const { owner, room, term = 0 } = this.#options
    let before = await this.load()
    for (;;) {
      if (before.term > term || !(await mayTake(before.owner))) throw notOwner(room)
      if (await this.#publishOwner({})) return
      const now = await this.load()
      const hasOther = now.owner !== '' && now.owner !== owner && now.owner !== before.owner
      // The later term wins, in any order.
      if (hasOther && term === 0) throw notOwner(room)
      before = now
    }
  }

  /**
   * Appends an owner record, which shows that no other owner came. Call it in `run`.
   */
  async confirm(change: OwnerChange = {}): Promise<void> {
    if (await this.#publishOwner(change)) return
    this.#isLost = true
    throw notOwner(this.#options.room)
  }

  /** Appends a group of records, after which the subject has `mark`. Resolves with its bytes. Call it in `run`. */
  append(records: readonly unknown[], mark: number): Promise<number> {
    const { end, records: before } = this.state
    return this.#appendGroup(records, mark, before + records.length, end)
  }

  /**
   * Replaces everything with one group, which counts no new records: appends it as the beginning of the log, then removes
   * what was before. Resolves with its bytes. Call it in `run`.
   */
  async rewrite(records: readonly unknown[], mark: number, total = this.state.records): Promise<number> {
    const { last } = this.state
    const bytes = await this.#appendGroup(records, mark, total, 0)
    this.#index.removeBefore(last + 1)
    await this.purge(last + 1)
    return bytes
  }

  async #appendGroup(records: readonly unknown[], mark: number, total: number, firstBefore: number): Promise<number> {
    const state = this.state
    const data = Buffer.from(JSON.stringify(records))
    const limit = dataLimit(this.#link)
    const parts = Math.max(Math.ceil(data.length / limit), 1)
    const [group, owner] = [randomUUID(), this.#options.owner]
    let [before, expected] = [firstBefore, state.last]
    for (let part = 1; part <= parts; part++) {
      const isLast = part === parts
      const head: EntryHead = {
        owner,
        group,
        part: [part, parts],
        records: isLast ? total : state.records,
        count: isLast ? records.length : 0,
        mark: isLast ? mark : state.mark,
        before,
        floor: state.floor,
        term: this.#options.term ?? 0,
      }
      const sequence = await this.#publish(head, data.subarray((part - 1) * limit, part * limit), expected)
      if (sequence === undefined) {
        this.#isLost = true
        throw notOwner(this.#options.room)
      }
      before = expected = sequence
    }
    this.#state = { ...state, owner, records: total, mark, last: expected, end: expected }
    this.#index.add({ records: total, mark, sequence: expected })
    return data.length
  }

  /** Yields the groups whose `key` is above `value`, oldest first. The reader takes about `limit` of them. */
  async *groups(key: GroupKey, value: number, limit = Number.POSITIVE_INFINITY): AsyncGenerator<RecordGroup> {
    const { end, floor, records } = this.state
    if (end === 0 || this.state[key] <= value) return
    const oldest = Math.max(floor, 1)
    const from = value > 0 ? await this.start(key, value) : oldest
    const about = Math.min(key === 'records' ? records - value : end - from + 1, limit)
    const isOldest = from <= oldest
    try {
      yield* readGroups(
        this.#link,
        { ...this.#options, from, until: end, about },
        { from: isOldest ? 'oldest' : 'any', floor },
      )
    } catch (cause) {
      if (this.state.floor === floor) throw cause
      throw new MidsentenceError('unavailable', 'Records were removed while they were read. Read again.', { cause })
    }
  }

  /** Returns a stream sequence at which the first group whose `key` is above `value` is the next one. */
  async start(key: GroupKey, value: number): Promise<number> {
    const { floor, end: newest } = this.state
    const { low, high } = this.#index.near(key, value)
    if (low?.[key] === value) return low.sequence + 1
    const bounds = { low: Math.max(low?.sequence ?? 0, floor - 1), high: high?.sequence ?? newest }
    const end = await findGroup(this.#link, this.#options, ({ head }) => head[key] > value, bounds)
    return startOfGroup(this.#link, this.#options, end)
  }

  /** Returns the stream sequence of the first group that JetStream stored at `time` or later, or of the newest one. */
  async startAt(time: number): Promise<number> {
    const { floor, end } = this.state
    const found = await findGroup(this.#link, this.#options, entry => entry.time >= time, { low: floor - 1, high: end })
    return startOfGroup(this.#link, this.#options, found)
  }

  /** Returns where the group with record number `records` as its last one ends, if it is known. */
  endAt(records: number): { readonly sequence: number; readonly mark: number } | undefined {
    const { low } = this.#index.near('records', records)
    return low?.records === records ? { sequence: low.sequence, mark: low.mark } : undefined
  }

  /** Remembers where a group ends, for later searches. */
  remember(known: { readonly records: number; readonly mark: number; readonly sequence: number }): void {
    this.#index.add(known)
  }

  /** Removes everything before a stream sequence. What is left says so first. Call it in `run`. */
  async removeBefore(sequence: number): Promise<void> {
    if (sequence <= this.state.floor) return
    await this.confirm({ floor: sequence })
    this.#index.removeBefore(sequence)
    await this.purge(sequence)
  }

  /** Removes entries below a stream sequence, which no reader needs any more. */
  async purge(sequence: number): Promise<void> {
    const { stream, subject } = this.#options
    // JetStream takes 1 for no bound, and would remove everything.
    if (sequence <= 1) return
    await this.#link.manager.streams.purge(stream, { filter: subject, seq: sequence })
  }

  /** Forgets what is known of the subject: it was removed, or is written by others. */
  forget(): void {
    this.#state = undefined
    this.#isLost = false
    this.#isUnsure = false
    this.#index.clear()
  }

  /** Learns what became of a write whose outcome was not known: an owner record after it shows that it is decided. */
  async #settle(): Promise<void> {
    if (this.#isLost) throw notOwner(this.#options.room)
    if (!this.#state) await this.load()
    if (!this.#isUnsure) return
    do {
      const { owner } = await this.load()
      if (owner !== this.#options.owner) {
        this.#isLost = true
        throw notOwner(this.#options.room)
      }
    } while (!(await this.#publishOwner({})))
    this.#isUnsure = false
  }

  /** Publishes an owner record. Resolves with false if another entry came. Removes the owner record before it. */
  async #publishOwner(change: OwnerChange): Promise<boolean> {
    const { stream, owner, term = 0 } = this.#options
    const state = this.state
    const { records, mark, floor } = state
    const group = randomUUID()
    const plain = { owner, group, records, mark, before: state.end, floor, term, ...change }
    const head: EntryHead = { ...plain, part: [1, 1], count: 0 }
    const sequence = await this.#publish(head, new Uint8Array(), state.last)
    if (sequence === undefined) return false
    this.#state = {
      owner: head.owner,
      records: head.records,
      mark: head.mark,
      floor: head.floor,
      term,
      last: sequence,
      end: head.before,
      ownerRecord: sequence,
    }
    if (state.ownerRecord > 0) {
      this.#link.manager.streams.deleteMessage(stream, state.ownerRecord, false).catch(() => undefined)
    }
    return true
  }

  async #publish(head: EntryHead, data: Uint8Array, expected: number): Promise<number | undefined> {
    const { stream, subject } = this.#options
    const headers = sealEntry(subject, head, data)
    const id = messageId(head.group, head.part[0])
    try {
      return await publishAfter(this.#link, { stream, subject, data, headers, id, expected })
    } catch (error) {
      this.#isUnsure = true
      throw error
    }
  }
}
