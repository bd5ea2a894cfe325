import { advice } from './damage.ts'
import { Environment } from './environment.ts'
import { readJournal } from './journal.ts'
import { allOf, countsKey, type Kind, kinds, nameIn } from './keys.ts'
import type { Counts } from './parts.ts'
import { frozen } from './reading.ts'
import { roomHeads } from './room-head.ts'
import { readMessages, readRecords } from './room-reader.ts'
import { readSessions } from './session-log.ts'
import type { StoreReport } from './verify.ts'

/** So many records are read at once, and so many problems told. */
const [READ, TOLD] = [500, 20]

/** Reads all of the store in `directory` in this process, which damage may end. */
export async function verifyHere(directory: string): Promise<StoreReport> {
  const problems: string[] = []
  const found = { rooms: 0, messages: 0, records: 0, sessions: 0, journals: 0 }
  const attempt = (look: () => void) => {
    try {
      look()
    } catch (error) {
      const sentence = (error instanceof Error ? error.message : String(error)).replace(advice, '')
      if (problems.length < TOLD && !problems.includes(sentence)) problems.push(sentence)
    }
  }
  let environment: Environment | undefined
  attempt(() => {
    environment = new Environment(directory, true)
  })
  if (environment) {
    look(environment, directory, found, attempt)
    await environment.close()
  }
  return { ...found, problems }
}

type Found = { -readonly [K in keyof Omit<StoreReport, 'problems'>]: number }

function look(environment: Environment, directory: string, found: Found, attempt: (look: () => void) => void): void {
  const parts = { environment }
  const kept = new Map<number, number>()
  attempt(() => {
    if (!frozen(environment, directory)) throw new Error('It is empty.')
  })
  attempt(() => readAll(environment, kept, attempt))
  attempt(() => {
    const heads = roomHeads(parts)
    let records = 0
    for (const [room, { seq, position, first }] of heads) {
      records += position - first.position + 1
      attempt(() => {
        for (const _ of readRecords(parts, room, undefined)) found.records++
        for (let after = first.seq - 1; after < seq; after += READ) {
          found.messages += readMessages(parts, room, after, READ).length
        }
      })
    }
    found.rooms = heads.size
    mustBe(kept, 'roomRecord', records)
    const { from, to } = allOf('journalHead')
    const journals = environment.range(from, to).map(({ key }) => nameIn(key))
    for (const name of journals) attempt(() => readJournal(parts, name))
    found.journals = journals.length
    const counts = environment.get(countsKey) as Counts | undefined
    mustBe(kept, 'roomHead', counts?.rooms)
    mustBe(kept, 'journalHead', counts?.journals)
  })
  attempt(() => {
    const sessions = new Set<string>()
    for (const { record } of readSessions(parts)) sessions.add(record.session_id)
    found.sessions = sessions.size
  })
}

/** Holds everything against its checksum, and counts it by its kind. */
function readAll(environment: Environment, kept: Map<number, number>, attempt: (look: () => void) => void): void {
  let from = Buffer.of(0)
  for (;;) {
    const found = environment.range(from, Buffer.of(0xff), READ)
    for (const { key, value } of found) {
      kept.set(key[0]!, (kept.get(key[0]!) ?? 0) + 1)
      attempt(value)
    }
    if (found.length < READ) return
    from = Buffer.concat([found.at(-1)!.key, Buffer.of(0)])
  }
}

function mustBe(kept: ReadonlyMap<number, number>, kind: Kind, expected: number | undefined): void {
  const count = kept.get(kinds[kind]) ?? 0
  if (count !== expected) throw new Error(`Of the records of kind ${kind} there are ${count}, not ${expected}.`)
}
