import { type EntryHead, isOwnerRecord, type StreamEntry } from './entry.ts'
import { damaged } from './errors.ts'
import { type EntryRange, nextEntry, readEntries } from './read-entries.ts'
import type { StreamLink } from './stream-link.ts'

/** Records that were written together. */
export interface RecordGroup {
  readonly records: readonly unknown[]
  /** The head of its last part. */
  readonly head: EntryHead
  /** Stream sequences of its first part and its last. */
  readonly start: number
  readonly end: number
  readonly time: number
}

/** What must come before the first group of a range. */
export interface GroupStart {
  /** The range begins with the oldest group that is left, or with any. */
  readonly from: 'oldest' | 'any'
  /** Everything below this stream sequence may have been removed. */
  readonly floor: number
}

/**
 * Yields the complete groups of a range, oldest first. Throws `internal` if one is missing or there twice. Skips parts of
 * groups that were never completed: an owner record came between.
 */
export async function* readGroups(link: StreamLink, range: EntryRange, start: GroupStart): AsyncGenerator<RecordGroup> {
  let parts: StreamEntry[] = []
  let before: number | undefined
  let records: number | undefined
  for await (const entry of readEntries(link, range)) {
    if (isOwnerRecord(entry)) continue
    const { head } = entry
    if (!continues(parts, entry)) parts = []
    if (head.part[0] !== parts.length + 1) {
      // The range may begin inside of a group that was never completed.
      if (head.count > 0) throw damaged(`message ${entry.sequence} lacks its first parts`)
      continue
    }
    parts.push(entry)
    if (head.count === 0) continue
    const group = groupOf(parts)
    parts = []
    if (before !== undefined || start.from === 'oldest') checkLink(group, before, start.floor)
    if (records !== undefined && group.head.before !== 0 && head.records - head.count !== records) {
      throw damaged(`message ${group.start} continues after record ${records} at ${head.records - head.count}`)
    }
    ;[before, records] = [group.end, head.records]
    yield group
  }
}

const continues = (parts: readonly StreamEntry[], { head }: StreamEntry): boolean =>
  parts.length > 0 && parts[0]!.head.group === head.group && parts.at(-1)!.sequence === head.before

/** Joins the parts of a group. Its `before` is that of its first part. */
function groupOf(parts: readonly StreamEntry[]): RecordGroup {
  const last = parts.at(-1)!
  const [first] = parts
  if (last.head.part[1] !== parts.length) throw damaged(`message ${last.sequence} lacks a part`)
  const data = parts.length === 1 ? last.data : Buffer.concat(parts.map(part => part.data))
  const records: unknown = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString())
  if (!Array.isArray(records) || records.length !== last.head.count) {
    throw damaged(`message ${last.sequence} has other records than it says`)
  }
  return {
    records,
    head: { ...last.head, before: first!.head.before },
    start: first!.sequence,
    end: last.sequence,
    time: last.time,
  }
}

/** The first group of a rewritten log follows none. */
function checkLink({ head, start }: RecordGroup, before: number | undefined, floor: number): void {
  if (head.before === 0 || head.before === before) return
  if (before === undefined && head.before < floor) return
  throw damaged(`the group before message ${start} is missing`)
}

/** A number in heads that never falls from one group to the next. */
export type GroupKey = 'records' | 'mark'

/** Bounds of a search: stream sequences. */
export interface SearchBounds {
  /** Everything up to here is at most the value. */
  readonly low: number
  /** An entry that is above the value. */
  readonly high: number
}

/**
 * Returns the stream sequence of the last part of the first group whose `key` is above `value`. Binary search over stream
 * sequences: the messages of other subjects between cost nothing.
 */
export async function findGroup(
  link: StreamLink,
  { stream, subject }: Pick<EntryRange, 'stream' | 'subject'>,
  above: (entry: StreamEntry) => boolean,
  bounds: SearchBounds,
): Promise<number> {
  let { low, high } = bounds
  let end = high
  while (low + 1 < end) {
    const middle = Math.floor((low + end) / 2)
    const entry = await nextEntry(link, stream, subject, middle)
    if (!entry || entry.sequence >= high) end = middle
    else if (above(entry)) {
      high = entry.sequence
      end = middle
    } else low = entry.sequence
  }
  return high
}

/** Returns the stream sequence of the first part of the group that ends at `end`. */
export async function startOfGroup(
  link: StreamLink,
  { stream, subject }: Pick<EntryRange, 'stream' | 'subject'>,
  end: number,
): Promise<number> {
  let entry = await nextEntry(link, stream, subject, end)
  while (entry && entry.head.part[0] > 1) entry = await nextEntry(link, stream, subject, entry.head.before)
  if (!entry) throw damaged(`a part of the group at message ${end} is missing`)
  return entry.sequence
}
