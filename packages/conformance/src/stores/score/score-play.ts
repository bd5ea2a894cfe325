import type { ScoreEvent, ScoreLog, ScoreRecord } from '@midsentence/core'
import fc from 'fast-check'
import { same } from '../../kit/assertions.ts'
import { texts } from '../../kit/texts.ts'
import { mustBeAlike } from '../records.ts'
import type { StoreHarness } from '../store-harness.ts'
import { onFreshStore } from '../store-rule.ts'

export const START = Date.UTC(2026, 0, 1)

/** The record of `event` at `position`, that many seconds after the start. */
export const recordOf = (event: ScoreEvent, position: number, seconds = position): ScoreRecord => ({
  position,
  at: new Date(START + seconds * 1000).toISOString(),
  head: 7,
  ...event,
})

export const appended = (text: string): ScoreEvent => ({ type: 'appended', sender_id: 'Ada', text, base: 3 })
export const state: ScoreEvent = {
  type: 'state',
  participants: [{ sender_id: 'Ada', away: true, given: 3, draft: [{ type: 'appended', text: 'mid-', base: 3 }] }],
  floor: 'Ada',
}

export const readAll = (log: ScoreLog, room = 'lobby') => log.read(room, 0, 1e6)

/** A step of a random case. Texts are those of the records of one group. */
type ScoreStep =
  | { readonly do: 'append'; readonly room: string; readonly texts: readonly string[]; readonly state: boolean }
  | { readonly do: 'trim' | 'erase' | 'read'; readonly room: string; readonly back: number }
  | { readonly do: 'reopen' | 'crash' }

const room = fc.constantFrom('lobby', 'Lobby', 'lobby.1')
const steps = (restart: 'reopen' | 'crash' | undefined): fc.Arbitrary<readonly ScoreStep[]> => {
  const append = fc.record({
    do: fc.constant('append' as const),
    room,
    texts: fc.array(texts({ maxLength: 6 }), { minLength: 1, maxLength: 4 }),
    state: fc.boolean(),
  })
  const other = fc.record({
    do: fc.constantFrom('trim' as const, 'erase' as const, 'read' as const),
    room,
    back: fc.nat(9),
  })
  const choices: fc.WeightedArbitrary<ScoreStep>[] = [
    { weight: 6, arbitrary: append },
    { weight: 4, arbitrary: other },
  ]
  if (restart) choices.push({ weight: 1, arbitrary: fc.constant({ do: restart }) })
  return fc.array(fc.oneof(...choices), { maxLength: 20 })
}

/** A room as it must be: the model is a list of groups. */
interface ScoreModel {
  groups: ScoreRecord[][]
  position: number
}

/** Plays steps on a log and compares every room with a model. Calls are not awaited until something is read. */
async function play(harness: StoreHarness<ScoreLog>, script: readonly ScoreStep[]): Promise<void> {
  let log = await harness.open()
  const models = new Map<string, ScoreModel>()
  const modelOf = (name: string): ScoreModel => {
    const model = models.get(name) ?? { groups: [], position: 0 }
    models.set(name, model)
    return model
  }
  let running: Promise<unknown>[] = []
  const settle = async () => {
    await Promise.all(running)
    running = []
  }
  const compare = async () => {
    await settle()
    for (const [name, { groups, position }] of models) {
      const records = groups.flat()
      mustBeAlike(await readAll(log, name), records, `the records of ${name} are others`)
      const record = records.at(-1)
      mustBeAlike(await log.end(name), record ? { position, record } : { position }, `the end of ${name} is another`)
    }
  }
  let seconds = 0
  for (const step of script) {
    if (step.do === 'append') {
      const model = modelOf(step.room)
      seconds++
      const events = step.texts.map((text, nth) => (nth === 0 && step.state ? state : appended(text)))
      const group = events.map((event, nth) => recordOf(event, model.position + nth + 1, seconds))
      model.groups.push(group)
      model.position += group.length
      running.push(log.append(step.room, group))
    } else if (step.do === 'trim') {
      await settle()
      const before = START + (seconds - step.back) * 1000
      await log.trim(step.room, before)
      trimModel(modelOf(step.room), before)
    } else if (step.do === 'erase') {
      await settle()
      const model = modelOf(step.room)
      same(await log.erase(step.room), model.groups.length > 0, 'erase does not say whether there was something')
      model.groups = []
    } else if (step.do === 'read') await compare()
    else {
      await settle()
      if (step.do === 'crash') await harness.crash!()
      else await log.close()
      log = await harness.reopen!()
      await compare()
    }
  }
  await compare()
}

function trimModel(model: ScoreModel, before: number): void {
  const at = (record: ScoreRecord | undefined) => Date.parse(record?.at ?? '')
  if (at(model.groups.at(-1)?.at(-1)) < before) model.groups = []
  const first = model.groups.findLastIndex(
    ([record], nth) => nth > 0 && record?.type === 'state' && at(model.groups[nth - 1]?.at(-1)) < before,
  )
  if (first > 0) model.groups = model.groups.slice(first)
}

/** Plays random steps, with restarts of that kind among them. */
export const played = (restart?: 'reopen' | 'crash') =>
  onFreshStore<ScoreLog, readonly ScoreStep[]>(steps(restart), play)
