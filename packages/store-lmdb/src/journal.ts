import type { Fact, Journal } from '@midsentence/core'
import { put, removal, type StoreChange } from './storage/change.ts'
import { closedError, damaged } from './storage/errors.ts'
import { countsKey, journalHeadKey, journalRowKey } from './storage/keys.ts'
import type { ReadContext, StoreContext } from './storage/store-context.ts'

/** A journal's rows are numbered from `first` to `next - 1`, each with the facts of one append. */
export interface JournalHead {
  readonly number: number
  readonly first: number
  readonly next: number
}

const readHead = ({ environment }: ReadContext, name: string) =>
  environment.get(journalHeadKey(name)) as JournalHead | undefined

/** Returns all facts of the journal `name`. Throws `internal` if some are missing or damaged. */
export function readJournal(context: ReadContext, name: string): Fact[] {
  const head = readHead(context, name)
  if (!head) return []
  const { number, first, next } = head
  const rows = context.environment.range(journalRowKey(number, first), journalRowKey(number, next))
  if (rows.length !== next - first)
    throw damaged(`${rows.length} of ${next - first} rows of the journal ${name} are there`)
  return rows.flatMap(({ value }) => value() as Fact[])
}

/** Opens the journal `name` for one participant. Calls `onClose` once it is closed. */
export function journal(context: StoreContext, name: string, onClose: () => void): Journal {
  const { writer, counts } = context
  let head: JournalHead | undefined
  let closed = false

  const check = () => {
    if (closed) throw closedError(`journal ${name}`)
    writer.check()
  }
  const write = (facts: readonly Fact[], replacing: boolean): Promise<void> => {
    // Resolves only once earlier facts are on disk.
    if (facts.length === 0 && !replacing) return writer.write([])
    const known = head ?? readHead(context, name)
    let { first, next } = known ?? { first: 1, next: 1 }
    const number = known?.number ?? counts.journals
    const changes: StoreChange[] = []
    if (replacing) for (; first < next; first++) changes.push(removal(journalRowKey(number, first)))
    if (facts.length > 0) changes.push(put(journalRowKey(number, next++), facts))
    head = { number, first, next }
    changes.push(put(journalHeadKey(name), head))
    if (!known) {
      counts.journals++
      changes.push(put(countsKey, counts))
    }
    return writer.write(changes)
  }

  /** The last of the calls that wait for a read. Without one, appends go straight to the writer and share a flush. */
  let lastInLine: Promise<unknown> | undefined
  const inLine = <A>(act: () => Promise<A>): Promise<A> => {
    const result = (lastInLine ?? Promise.resolve()).then(act)
    const ended = result
      .catch(() => undefined)
      .finally(() => {
        if (lastInLine === ended) lastInLine = undefined
      })
    lastInLine = ended
    return result
  }

  return {
    durability: 'flushed',
    read: async () => {
      check()
      return inLine(async () => {
        await writer.write([])
        return readJournal(context, name)
      })
    },
    append: async facts => {
      check()
      await (lastInLine ? inLine(() => write(facts, false)) : write(facts, false))
    },
    replace: async facts => {
      check()
      await (lastInLine ? inLine(() => write(facts, true)) : write(facts, true))
    },
    close: async () => {
      closed = true
      await lastInLine
      await writer.settled()
      onClose()
    },
  }
}
