import type { Position } from '@midsentence/core'
import { must, same } from '../kit/assertions.ts'
import { turns } from '../kit/turns.ts'
import type { LogStep } from './log-script.ts'
import { Calls } from './pending-calls.ts'
import { alike } from './records.ts'
import type { Closable, StoreHarness } from './store-harness.ts'
import { mustBeRejected, resultOf } from './store-rule.ts'

/** An ordered log per room, fenced by positions. */
export interface FencedLog<Item> extends Closable {
  head(room: string): Promise<Position>
  append(room: string, records: readonly Item[], expected: Position): Promise<Position>
}

/** How to read and write one kind of log. */
export interface LogAccess<Log extends FencedLog<Item>, Item, Input> {
  /** Makes the records of an append from its inputs, where `before` are the records of the room. */
  records(inputs: readonly Input[], before: readonly Item[]): readonly Item[]
  read(log: Log, room: string): Promise<readonly Item[]>
  /** May `found` be read where `written` was written? Default: they are equal as JSON. */
  matches?(found: readonly Item[], written: readonly Item[]): boolean
  /** Reads one page, and says which page the records of the room should give. */
  readonly page?: {
    read(log: Log, room: string, after: number, limit: number): Promise<readonly unknown[]>
    of(records: readonly Item[], after: number, limit: number): readonly unknown[]
  }
  /** May a log that is opened again have dropped a room with these records, and its positions? Default: no. */
  mayStartAgain?(records: readonly Item[]): boolean
  /** Checks further consequences of the records of all rooms. */
  verify?(log: Log, rooms: ReadonlyMap<string, readonly Item[]>): Promise<void>
}

/** What a room must hold: the model is a plain array. */
interface RoomModel<Item> {
  readonly records: Item[]
  /** Each position of the head, and the number of records at it, oldest first. */
  readonly marks: { readonly position: Position; readonly length: number }[]
  /** The records of an append that must succeed and has not ended. */
  pending: readonly Item[] | undefined
  /** How many records were acknowledged or read: later readers must not find fewer. */
  known: number
}

/** Plays `script` on the log of `harness`, and compares what it finds with the model. */
export async function playLog<Log extends FencedLog<Item>, Item, Input>(
  harness: StoreHarness<Log>,
  access: LogAccess<Log, Item, Input>,
  script: readonly LogStep<Input>[],
): Promise<void> {
  const play = new LogPlay(harness, access, await harness.open())
  for (const step of script) await play.take(step)
  await play.take({ do: 'settle' })
  await play.verify()
}

class LogPlay<Log extends FencedLog<Item>, Item, Input> {
  readonly #harness: StoreHarness<Log>
  readonly #access: LogAccess<Log, Item, Input>
  readonly #rooms = new Map<string, RoomModel<Item>>()
  readonly #calls = new Calls()
  /** Heads that were found, with the minimum number of records at them. */
  #heads: { readonly model: RoomModel<Item>; readonly position: Position; readonly least: number }[] = []
  #log: Log

  constructor(harness: StoreHarness<Log>, access: LogAccess<Log, Item, Input>, log: Log) {
    this.#harness = harness
    this.#access = access
    this.#log = log
  }

  async take(step: LogStep<Input>): Promise<void> {
    switch (step.do) {
      case 'append':
        return this.#append(await this.#model(step.room), step)
      case 'page':
        return this.#page(await this.#model(step.room), step)
      case 'read':
        return this.#read(await this.#model(step.room), step.room)
      case 'head':
        return this.#head(await this.#model(step.room), step.room)
      case 'settle':
        return this.#settle()
      case 'pause':
        return turns(step)
      default:
        return this.#restart(step.do)
    }
  }

  /** Compares every room with its model. */
  async verify(): Promise<void> {
    for (const [room, { records, marks }] of this.#rooms) {
      this.#compare(await this.#access.read(this.#log, room), records, `the records of ${room} are not those written`)
      same(await this.#log.head(room), marks.at(-1)!.position, `the head of ${room} is not where it was`)
    }
    await this.#access.verify?.(this.#log, new Map([...this.#rooms].map(([room, { records }]) => [room, records])))
  }

  async #model(room: string): Promise<RoomModel<Item>> {
    const existing = this.#rooms.get(room)
    if (existing) return existing
    const position = await this.#log.head(room)
    const model: RoomModel<Item> = { records: [], marks: [{ position, length: 0 }], pending: undefined, known: 0 }
    this.#rooms.set(room, model)
    return model
  }

  #append(model: RoomModel<Item>, { room, inputs, expected }: Extract<LogStep<Input>, { do: 'append' }>): void {
    const stale = expected === 'stale' ? model.marks.at(-2)?.position : undefined
    const records = this.#access.records(inputs, model.records)
    const passed = [...records]
    // Calls take effect in their order: of two that expect the same position the first is written.
    const fits = stale === undefined && !model.pending
    if (fits) model.pending = records
    this.#calls.watch(this.#log.append(room, passed, stale ?? model.marks.at(-1)!.position), outcome => {
      // A log must not keep the array of its caller.
      passed.length = 0
      if (!fits) return mustBeRejected(outcome, 'an append with a stale position', 'unavailable')
      keep(model, records, resultOf(outcome, 'an append at the head'))
    })
  }

  #page(model: RoomModel<Item>, { room, after, limit }: Extract<LogStep<Input>, { do: 'page' }>): void {
    const page = this.#access.page!
    this.#watchReading(model, page.read(this.#log, room, after, limit), (found, records) =>
      alike(found, page.of(records, after, limit)),
    )
  }

  #read(model: RoomModel<Item>, room: string): void {
    this.#watchReading(model, this.#access.read(this.#log, room), (found, records) => this.#matches(found, records))
  }

  /** A reader sees whole appends, and no fewer than were known when it asked. */
  #watchReading<T>(
    model: RoomModel<Item>,
    reading: Promise<readonly T[]>,
    matches: (found: readonly T[], records: readonly Item[]) => boolean,
  ): void {
    const least = model.known
    this.#calls.watch(reading, outcome => {
      const found = resultOf(outcome, 'a reading')
      const all = [...model.records, ...(model.pending ?? [])]
      const lengths = [...model.marks.map(({ length }) => length), all.length].filter(length => length >= least)
      const length = lengths.find(length => matches(found, all.slice(0, length)))
      must(length !== undefined, 'a reading is not what was written, append by append', { found, written: all })
      model.known = Math.max(model.known, length)
      // A log must not hand out its own array.
      Reflect.set(found, 'length', 0)
    })
  }

  #head(model: RoomModel<Item>, room: string): void {
    const least = model.known
    this.#calls.watch(this.#log.head(room), outcome => {
      this.#heads.push({ model, position: resultOf(outcome, 'asking for the head'), least })
    })
  }

  async #settle(): Promise<void> {
    await this.#calls.ended()
    for (const { model, position, least } of this.#heads.splice(0)) {
      const mark = model.marks.find(mark => mark.position === position)
      must(mark !== undefined && mark.length >= least, 'a head is no position where the room stood then', position)
    }
  }

  async #restart(how: 'close' | 'crash'): Promise<void> {
    const id = idOf(this.#log)
    if (how === 'close') {
      await this.#settle()
      await this.#log.close()
    } else {
      const crashed = this.#harness.crash?.()
      this.#calls.forget()
      this.#heads = []
      await crashed
    }
    this.#log = await this.#harness.reopen!()
    same(idOf(this.#log), id, 'a log that was reopened has another id')
    if (how === 'crash') for (const [room, model] of this.#rooms) await this.#adopt(room, model)
    for (const [room, { records }] of this.#rooms)
      if (this.#access.mayStartAgain?.(records)) await this.#startAgain(room)
    await this.verify()
  }

  /** A room that a reopened log may have dropped is a new one if its head says so. */
  async #startAgain(room: string): Promise<void> {
    const { marks } = this.#rooms.get(room)!
    if ((await this.#log.head(room)) === marks.at(-1)!.position) return
    this.#rooms.delete(room)
    await this.#model(room)
  }

  /** After a crash, an append in flight is there as a whole or not at all. What was known is there. */
  async #adopt(room: string, model: RoomModel<Item>): Promise<void> {
    const { pending, records, marks, known } = model
    model.pending = undefined
    if (!pending) return
    const position = await this.#log.head(room)
    const written = position !== marks.at(-1)!.position
    must(written || known <= records.length, 'a crash took records that somebody had read')
    const crash = 'a crash left something else than what was written, append by append'
    this.#compare(await this.#access.read(this.#log, room), written ? [...records, ...pending] : records, crash)
    if (written) keep(model, pending, position)
  }

  #matches(found: readonly Item[], written: readonly Item[]): boolean {
    return this.#access.matches?.(found, written) ?? alike(found, written)
  }

  #compare(found: readonly Item[], written: readonly Item[], what: string): void {
    must(this.#matches(found, written), what, { found, written })
  }
}

/** A room log has an id. */
const idOf = (log: object): unknown => ('id' in log ? log.id : undefined)

function keep<Item>(model: RoomModel<Item>, records: readonly Item[], position: Position): void {
  const used = model.marks.some(mark => mark.position === position)
  must(!used, 'an append answered a position where the room stood before', position)
  model.records.push(...records)
  model.marks.push({ position, length: model.records.length })
  model.known = model.records.length
  model.pending = undefined
}
