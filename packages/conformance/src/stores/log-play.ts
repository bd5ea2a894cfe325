import type { Message, Position, RoomLog, RoomRecord } from '@midsentence/core'
import { must, same } from '../kit/assertions.ts'
import { turns } from '../kit/turns.ts'
import type { LogStep } from './log-script.ts'
import { Calls } from './pending-calls.ts'
import { alike, messagesIn, mustBeAlike, roomRecord } from './records.ts'
import type { StoreHarness } from './store-harness.ts'
import { collected, mustBeRejected, resultOf } from './store-rule.ts'

/** What a room must hold: the model is a plain array. */
interface RoomModel {
  readonly records: RoomRecord[]
  /** Where the room stood, and how many records it had there: before the first append, and behind each. */
  readonly marks: { readonly position: Position; readonly length: number }[]
  /** Of an append that must succeed, and has not yet. */
  pending: readonly RoomRecord[] | undefined
  /** So many records somebody has been told of: nobody may find fewer from then on. */
  seen: number
}

/** Plays `script` on the log of `bench`, and holds what it finds against the model. */
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
  /** Positions found, and the fewest records they may stand behind. */
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

  /** Every room is what the model says. */
  async verify(): Promise<void> {
    for (const [room, { records, marks }] of this.#models) {
      mustBeAlike(await collected(this.#log.records(room)), records, `the records of ${room} are not those written`)
      same(await this.#log.head(room), marks.at(-1)!.position, `the head of ${room} is not where it was`)
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
    // Of two that expect the same the first has its way, since calls take effect in their order.
    const fits = stale === undefined && !model.pending
    if (fits) model.pending = records
    this.#calls.watch(this.#log.append(room, handed, stale ?? model.marks.at(-1)!.position), outcome => {
      // The array is the caller's.
      handed.length = 0
      if (!fits) return mustBeRejected(outcome, 'an append behind what is not the last position', 'unavailable')
      keep(model, records, resultOf(outcome, 'an append behind the last position'))
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

  /** Whoever reads sees whole appends, and no fewer than were told of when it asked. */
  #watchReading<T>(
    model: RoomModel,
    reading: Promise<readonly T[]>,
    view: (records: readonly RoomRecord[]) => readonly T[],
  ): void {
    const least = model.seen
    this.#calls.watch(reading, outcome => {
      const found = resultOf(outcome, 'a reading')
      const all = [...model.records, ...(model.pending ?? [])]
      const lengths = [...model.marks.map(({ length }) => length), all.length].filter(length => length >= least)
      const length = lengths.find(length => alike(view(all.slice(0, length)), found))
      if (length === undefined) mustBeAlike(found, view(all), 'a reading is not what was written, append by append')
      model.seen = Math.max(model.seen, length ?? 0)
      // What was handed out is the reader's.
      Reflect.set(found, 'length', 0)
    })
  }

  #head(model: RoomModel, room: string): void {
    const least = model.seen
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
    same(this.#log.id, id, 'a log that was opened again has another id')
    if (how === 'crash') for (const [room, model] of this.#models) await this.#adopt(room, model)
    await this.verify()
  }

  /** After a crash, what was under way is there as a whole or not at all; whatever somebody was told of is. */
  async #adopt(room: string, model: RoomModel): Promise<void> {
    const { pending, records, seen } = model
    model.pending = undefined
    if (!pending) return
    const found = await collected(this.#log.records(room))
    const before = seen > records.length ? undefined : records
    if (before && alike(found, before)) return
    mustBeAlike(found, [...records, ...pending], 'a crash left something else than what was written, append by append')
    keep(model, pending, await this.#log.head(room))
  }
}

function keep(model: RoomModel, records: readonly RoomRecord[], position: Position): void {
  const known = model.marks.some(mark => mark.position === position)
  must(!known, 'an append answered a position where the room stood before', position)
  model.records.push(...records)
  model.marks.push({ position, length: model.records.length })
  model.seen = model.records.length
  model.pending = undefined
}
