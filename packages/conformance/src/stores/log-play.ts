import type { Message, Position, RoomLog, RoomRecord } from '@midsentence/core'
import { must, same } from '../kit/assertions.ts'
import { turns } from '../kit/turns.ts'
import type { LogStep } from './log-script.ts'
import { Calls } from './pending-calls.ts'
import { alike, messagesIn, mustBeAlike, roomRecord } from './records.ts'
import type { StoreHarness } from './store-harness.ts'
import { collected, mustBeRefused, resultOf } from './store-rule.ts'

/** What a room must hold: the model is a plain array. */
interface Ledger {
  readonly records: RoomRecord[]
  /** Where the room stood, and how many records it had there: before the first append, and behind each. */
  readonly marks: { readonly position: Position; readonly length: number }[]
  /** Of an append that must succeed, and has not yet. */
  pending: readonly RoomRecord[] | undefined
  /** So many records somebody has been told of: nobody may find fewer from then on. */
  told: number
}

/** Plays `script` on the log of `bench`, and holds what it finds against the model. */
export async function playLog(bench: StoreHarness<RoomLog>, script: readonly LogStep[]): Promise<void> {
  const play = new LogPlay(bench, await bench.open())
  for (const step of script) await play.take(step)
  await play.take({ do: 'settle' })
  await play.verify()
}

class LogPlay {
  readonly #bench: StoreHarness<RoomLog>
  readonly #ledgers = new Map<string, Ledger>()
  readonly #calls = new Calls()
  /** Positions found, and the fewest records they may stand behind. */
  #heads: { readonly ledger: Ledger; readonly position: Position; readonly least: number }[] = []
  #log: RoomLog

  constructor(bench: StoreHarness<RoomLog>, log: RoomLog) {
    this.#bench = bench
    this.#log = log
  }

  async take(step: LogStep): Promise<void> {
    switch (step.do) {
      case 'append':
        return this.#append(await this.#ledger(step.room), step)
      case 'messages':
        return this.#page(await this.#ledger(step.room), step)
      case 'records':
        return this.#replay(await this.#ledger(step.room), step.room)
      case 'head':
        return this.#head(await this.#ledger(step.room), step.room)
      case 'settle':
        return this.#settle()
      case 'pause':
        return turns(step)
      default:
        return this.#restart(step.do)
    }
  }

  /** Every room is what the model says. */
  async verify(): Promise<void> {
    for (const [room, { records, marks }] of this.#ledgers) {
      mustBeAlike(await collected(this.#log.records(room)), records, `the records of ${room} are not those written`)
      same(await this.#log.head(room), marks.at(-1)!.position, `the head of ${room} is not where it was`)
    }
  }

  async #ledger(room: string): Promise<Ledger> {
    const known = this.#ledgers.get(room)
    if (known) return known
    const position = await this.#log.head(room)
    const ledger: Ledger = { records: [], marks: [{ position, length: 0 }], pending: undefined, told: 0 }
    this.#ledgers.set(room, ledger)
    return ledger
  }

  #append(ledger: Ledger, { room, sayings, behind }: Extract<LogStep, { do: 'append' }>): void {
    const stale = behind === 'stale' ? ledger.marks.at(-2)?.position : undefined
    let seq = messagesIn(ledger.records).length
    const records = sayings.map(saying => roomRecord(saying, typeof saying === 'string' ? seq : ++seq))
    const handed = [...records]
    // Of two that expect the same the first has its way, since calls take effect in their order.
    const fits = stale === undefined && !ledger.pending
    if (fits) ledger.pending = records
    this.#calls.watch(this.#log.append(room, handed, stale ?? ledger.marks.at(-1)!.position), outcome => {
      // The array is the caller's.
      handed.length = 0
      if (!fits) return mustBeRefused(outcome, 'an append behind what is not the last position', 'unavailable')
      keep(ledger, records, resultOf(outcome, 'an append behind the last position'))
    })
  }

  #page(ledger: Ledger, { room, after, limit }: Extract<LogStep, { do: 'messages' }>): void {
    const view = (records: readonly RoomRecord[]) =>
      messagesIn(records)
        .filter(({ seq }) => seq > after)
        .slice(0, limit)
    this.#watchReading<Message>(ledger, this.#log.messages(room, after, limit), view)
  }

  #replay(ledger: Ledger, room: string): void {
    this.#watchReading<RoomRecord>(ledger, collected(this.#log.records(room)), records => records)
  }

  /** Whoever reads sees whole appends, and no fewer than were told of when it asked. */
  #watchReading<T>(
    ledger: Ledger,
    reading: Promise<readonly T[]>,
    view: (records: readonly RoomRecord[]) => readonly T[],
  ): void {
    const least = ledger.told
    this.#calls.watch(reading, outcome => {
      const found = resultOf(outcome, 'a reading')
      const all = [...ledger.records, ...(ledger.pending ?? [])]
      const lengths = [...ledger.marks.map(({ length }) => length), all.length].filter(length => length >= least)
      const length = lengths.find(length => alike(view(all.slice(0, length)), found))
      if (length === undefined) mustBeAlike(found, view(all), 'a reading is not what was written, append by append')
      ledger.told = Math.max(ledger.told, length ?? 0)
      // What was handed out is the reader's.
      Reflect.set(found, 'length', 0)
    })
  }

  #head(ledger: Ledger, room: string): void {
    const least = ledger.told
    this.#calls.watch(this.#log.head(room), outcome => {
      this.#heads.push({ ledger, position: resultOf(outcome, 'asking for the head'), least })
    })
  }

  async #settle(): Promise<void> {
    await this.#calls.ended()
    for (const { ledger, position, least } of this.#heads.splice(0)) {
      const mark = ledger.marks.find(mark => mark.position === position)
      must(mark !== undefined && mark.length >= least, 'a head is no position where the room stood then', position)
    }
  }

  async #restart(how: 'close' | 'crash'): Promise<void> {
    const { id } = this.#log
    if (how === 'close') {
      await this.#settle()
      await this.#log.close()
    } else {
      const crashed = this.#bench.crash?.()
      this.#calls.forget()
      this.#heads = []
      await crashed
    }
    this.#log = await this.#bench.reopen!()
    same(this.#log.id, id, 'a log that was opened again has another id')
    if (how === 'crash') for (const [room, ledger] of this.#ledgers) await this.#adopt(room, ledger)
    await this.verify()
  }

  /** After a crash, what was under way is there as a whole or not at all; whatever somebody was told of is. */
  async #adopt(room: string, ledger: Ledger): Promise<void> {
    const { pending, records, told } = ledger
    ledger.pending = undefined
    if (!pending) return
    const found = await collected(this.#log.records(room))
    const before = told > records.length ? undefined : records
    if (before && alike(found, before)) return
    mustBeAlike(found, [...records, ...pending], 'a crash left something else than what was written, append by append')
    keep(ledger, pending, await this.#log.head(room))
  }
}

function keep(ledger: Ledger, records: readonly RoomRecord[], position: Position): void {
  const known = ledger.marks.some(mark => mark.position === position)
  must(!known, 'an append answered a position where the room stood before', position)
  ledger.records.push(...records)
  ledger.marks.push({ position, length: ledger.records.length })
  ledger.told = ledger.records.length
  ledger.pending = undefined
}
