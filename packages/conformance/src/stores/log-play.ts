import type { Message, Position, RoomLog, RoomRecord } from '@midsentence/core'
import { must, same } from '../kit/assertions.ts'
import { turns } from '../kit/turns.ts'
import type { LogStep } from './log-script.ts'
import { Calls } from './pending-calls.ts'
import { alike, messagesIn, mustBeAlike, roomRecord } from './records.ts'
import type { StoreHarness } from './store-harness.ts'
import { collected, mustBeRejected, resultOf } from './store-rule.ts'

/** The expected content of a room, as an array. */
interface RoomModel {
  readonly records: RoomRecord[]
  /** Positions of the room and the number of records at each: before the first append, and after each. */
  readonly marks: { readonly position: Position; readonly length: number }[]
  /** The records of an append that must succeed and is under way. */
  pending: readonly RoomRecord[] | undefined
  /** How many records a caller has seen. No later read may find fewer. */
  seen: number
}

/** Plays `script` on a log, and compares what it reads with the model. */
export async function playLog(harness: StoreHarness<RoomLog>, script: readonly LogStep[]): Promise<void> {
  const play = new LogPlay(harness, await harness.open())
  for (const step of script) await play.take(step)
  await play.take({ do: 'settle' })
  await play.verify()
}

class LogPlay {
  readonly #harness: StoreHarness<RoomLog>
  readonly #models = new Map<string, RoomModel>()
  readonly #calls = new Calls()
  /** Positions found by `head`, and the fewest records that they may follow. */
  #heads: { readonly model: RoomModel; readonly position: Position; readonly least: number }[] = []
  #log: RoomLog

  constructor(harness: StoreHarness<RoomLog>, log: RoomLog) {
    this.#harness = harness
    this.#log = log
  }

  async take(step: LogStep): Promise<void> {
    switch (step.do) {
      case 'append':
        return this.#append(await this.#model(step.room), step)
      case 'messages':
        return this.#page(await this.#model(step.room), step)
      case 'records':
        return this.#replay(await this.#model(step.room), step.room)
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

  /** Compares every room with the model. */
  async verify(): Promise<void> {
    for (const [room, { records, marks }] of this.#models) {
      mustBeAlike(
        await collected(this.#log.records(room)),
        records,
        `the records of ${room} are not those that were written`,
      )
      same(await this.#log.head(room), marks.at(-1)!.position, `the head of ${room} changed`)
    }
  }

  async #model(room: string): Promise<RoomModel> {
    const known = this.#models.get(room)
    if (known) return known
    const position = await this.#log.head(room)
    const model: RoomModel = { records: [], marks: [{ position, length: 0 }], pending: undefined, seen: 0 }
    this.#models.set(room, model)
    return model
  }

  #append(model: RoomModel, { room, recordContents, behind }: Extract<LogStep, { do: 'append' }>): void {
    const stale = behind === 'stale' ? model.marks.at(-2)?.position : undefined
    let seq = messagesIn(model.records).length
    const records = recordContents.map(content_ => roomRecord(content_, typeof content_ === 'string' ? seq : ++seq))
    const handed = [...records]
    // Of two appends that expect the same position the first succeeds, since calls take effect in order.
    const fits = stale === undefined && !model.pending
    if (fits) model.pending = records
    this.#calls.watch(this.#log.append(room, handed, stale ?? model.marks.at(-1)!.position), outcome => {
      // Callers may change their array after the call.
      handed.length = 0
      if (!fits) return mustBeRejected(outcome, 'an append after a position that is not the last', 'unavailable')
      keep(model, records, resultOf(outcome, 'an append after the last position'))
    })
  }

  #page(model: RoomModel, { room, after, limit }: Extract<LogStep, { do: 'messages' }>): void {
    const view = (records: readonly RoomRecord[]) =>
      messagesIn(records)
        .filter(({ seq }) => seq > after)
        .slice(0, limit)
    this.#watchReading<Message>(model, this.#log.messages(room, after, limit), view)
  }

  #replay(model: RoomModel, room: string): void {
    this.#watchReading<RoomRecord>(model, collected(this.#log.records(room)), records => records)
  }

  /** Checks that a read sees whole appends, and at least those that were seen before its call. */
  #watchReading<T>(
    model: RoomModel,
    reading: Promise<readonly T[]>,
    view: (records: readonly RoomRecord[]) => readonly T[],
  ): void {
    const least = model.seen
    this.#calls.watch(reading, outcome => {
      const found = resultOf(outcome, 'a read')
      const all = [...model.records, ...(model.pending ?? [])]
      const lengths = [...model.marks.map(({ length }) => length), all.length].filter(length => length >= least)
      const length = lengths.find(length => alike(view(all.slice(0, length)), found))
      if (length === undefined) mustBeAlike(found, view(all), 'a read does not match whole appends')
      model.seen = Math.max(model.seen, length ?? 0)
      // Readers may change the array that they received.
      Reflect.set(found, 'length', 0)
    })
  }

  #head(model: RoomModel, room: string): void {
    const least = model.seen
    this.#calls.watch(this.#log.head(room), outcome => {
      this.#heads.push({ model, position: resultOf(outcome, 'head'), least })
    })
  }

  async #settle(): Promise<void> {
    await this.#calls.ended()
    for (const { model, position, least } of this.#heads.splice(0)) {
      const mark = model.marks.find(mark => mark.position === position)
      must(
        mark !== undefined && mark.length >= least,
        'head is not a position that the room had during the call',
        position,
      )
    }
  }

  async #restart(how: 'close' | 'crash'): Promise<void> {
    const { id } = this.#log
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
    same(this.#log.id, id, 'a log has another id after it was opened again')
    if (how === 'crash') for (const [room, model] of this.#models) await this.#adopt(room, model)
    await this.verify()
  }

  /** After a crash an append under way is there as a whole or not at all. Records that were seen are there. */
  async #adopt(room: string, model: RoomModel): Promise<void> {
    const { pending, records, seen } = model
    model.pending = undefined
    if (!pending) return
    const found = await collected(this.#log.records(room))
    const before = seen > records.length ? undefined : records
    if (before && alike(found, before)) return
    mustBeAlike(found, [...records, ...pending], 'a crash left a part of an append, or lost a record that was seen')
    keep(model, pending, await this.#log.head(room))
  }
}

function keep(model: RoomModel, records: readonly RoomRecord[], position: Position): void {
  const known = model.marks.some(mark => mark.position === position)
  must(!known, 'an append returned an earlier position', position)
  model.records.push(...records)
  model.marks.push({ position, length: model.records.length })
  model.seen = model.records.length
  model.pending = undefined
}
