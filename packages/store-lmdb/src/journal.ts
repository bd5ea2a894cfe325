import type { Fact, Journal } from '@midsentence/core'
import { closedError, damaged } from './damage.ts'
import { type Change, type Latest, put, removal } from './environment.ts'
import { countsKey, journalHeadKey, journalRecordKey } from './keys.ts'
import type { Parts } from './parts.ts'

/** The records of a journal lie from `first` on and below `next`, each the facts of one append. */
interface JournalHead {
  readonly number: number
  readonly first: number
  readonly next: number
}

const headOf = ({ environment }: Pick<Parts, 'environment'>, name: string) =>
  environment.get(journalHeadKey(name)) as JournalHead | undefined

/** All facts of the journal called `name`. Throws where some are missing. */
export function readJournal(parts: Pick<Parts, 'environment'>, name: string): Fact[] {
  const head = headOf(parts, name)
  if (!head) return []
  const { number, first, next } = head
  const found = parts.environment.range(journalRecordKey(number, first), journalRecordKey(number, next))
  if (found.length !== next - first)
    throw damaged(`of ${next - first} records of the journal ${name} ${found.length} are there`)
  return found.flatMap(({ value }) => value() as Fact[])
}

/** The journal called `name`, for one participant at a time. */
export function journal(parts: Parts, name: string): Journal {
  const { writer, counts } = parts
  let head: JournalHead | undefined
  const latest: Latest = { key: journalHeadKey(name), latest: () => head }
  let closed = false

  const check = () => {
    if (closed) throw closedError(`journal ${name}`)
    writer.check()
  }
  const write = (facts: readonly Fact[], replacing: boolean): Promise<void> => {
    // What it stands behind has to be written all the same.
    if (facts.length === 0 && !replacing) return writer.write([])
    const known = head ?? headOf(parts, name)
    let { first, next } = known ?? { first: 1, next: 1 }
    const number = known?.number ?? counts.journals
    const changes: (Change | Latest)[] = []
    if (replacing) for (; first < next; first++) changes.push(removal(journalRecordKey(number, first)))
    if (facts.length > 0) changes.push(put(journalRecordKey(number, next++), facts))
    // Nothing can be wrong any more: now it counts.
    if (!known) {
      counts.journals++
      changes.push(put(countsKey, counts))
    }
    head = { number, first, next }
    changes.push(latest)
    return writer.write(changes)
  }

  /** What is called behind a reading waits for it; else nothing waits here, so that appends are flushed together. */
  let line: Promise<unknown> | undefined
  const behind = <A>(act: () => Promise<A>): Promise<A> => {
    const going = (line ?? Promise.resolve()).then(act)
    const ended = going
      .catch(() => undefined)
      .finally(() => {
        if (line === ended) line = undefined
      })
    line = ended
    return going
  }

  return {
    durability: 'flushed',
    read: async () => {
      check()
      return behind(async () => {
        await writer.write([])
        return readJournal(parts, name)
      })
    },
    append: async facts => {
      check()
      await (line ? behind(() => write(facts, false)) : write(facts, false))
    },
    replace: async facts => {
      check()
      await (line ? behind(() => write(facts, true)) : write(facts, true))
    },
    close: async () => {
      closed = true
      await line
      await writer.settled()
    },
  }
}
