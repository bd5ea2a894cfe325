import type { ScoreEvent, ScoreLog, ScoreRecord } from '@midsentence/core'
import { must } from '../../kit/assertions.ts'
import { crashAtMoments } from '../crash-moments.ts'
import { lifecycleCases, type StoreLifecycle } from '../lifecycle.ts'
import { mustBeAlike } from '../records.ts'
import type { StoreHarness } from '../store-harness.ts'
import { collected, mustHaveEnded, mustReject, type StoreRule, storeRule } from '../store-rule.ts'
import { appended, played, readAll, recordOf, START, state } from './score-play.ts'

/** One record of each type, with every member. */
const everyType: readonly ScoreEvent[] = [
  state,
  { type: 'joined', sender_id: 'Ada' },
  { type: 'left', sender_id: 'Ada', away: true },
  appended('\ud800 line\u2028break "'),
  { type: 'undone', sender_id: 'Ada' },
  { type: 'reset', sender_id: 'Ada' },
  { type: 'draft', sender_id: 'Ada', draft: [{ type: 'appended', text: 'all', base: 0 }] },
  { type: 'message', seq: 8 },
  { type: 'pushed', sender_id: 'Ada', seq: 8 },
  { type: 'held', sender_id: 'Ada', why: 'unseen', seq: 8 },
  { type: 'floor.granted', sender_id: 'Ada', for_ms: 60_000 },
  { type: 'floor.ended', sender_id: 'Ada', why: 'sent' },
  { type: 'given', sender_id: 'Ada', seq: 8 },
  { type: 'gap', lost: 2 },
  { type: 'stopped' },
]

async function everyField(harness: StoreHarness<ScoreLog>): Promise<void> {
  const log = await harness.open()
  await apart(log)
  mustBeAlike(await log.end('lobby'), { position: 0 }, 'a room without records does not end at position 0')
  mustBeAlike(await readAll(log), [], 'a room without records has some')
  const records = everyType.map((event, nth) => recordOf(event, nth + 1))
  const group = [...records]
  const writing = log.append('lobby', group)
  // A log must not keep the array of its caller.
  group.length = 0
  await writing
  const found = await readAll(log)
  mustBeAlike(found, records, 'records are not read as they were written')
  Reflect.set(found, 'length', 0)
  mustBeAlike(await readAll(log), records, 'a log gave out its own array')
  mustBeAlike(await log.end('lobby'), { position: records.length, record: records.at(-1) }, 'the end is wrong')
  for (let after = 0; after <= records.length; after += 2) {
    for (const limit of [0, 1, 3, 100]) {
      const page = await log.read('lobby', after, limit)
      mustBeAlike(page, records.slice(after, after + limit), `the page of ${limit} after ${after} is wrong`)
    }
  }
}

/** Names that a file system, a pattern or a key with parts would take for one another. */
const lookalikes = ['hall', 'Hall', 'hal', 'hall.', 'hall.1', 'hall-1', '.', '..', '0', 'x'.repeat(64)]

async function apart(log: ScoreLog): Promise<void> {
  await Promise.all(lookalikes.map(room => log.append(room, [recordOf(appended(room), 1)])))
  for (const room of lookalikes) {
    mustBeAlike(await readAll(log, room), [recordOf(appended(room), 1)], `${room} has records of another room`)
  }
  mustBeAlike(
    (await collected(log.rooms())).sort(),
    [...lookalikes].sort(),
    'not every room with records is named, once',
  )
  must(await log.erase('hall'), 'erase says that there was nothing')
  const [, ...others] = lookalikes
  mustBeAlike((await collected(log.rooms())).sort(), others.sort(), 'the rooms with records are others after an erase')
}

async function cut(harness: StoreHarness<ScoreLog>): Promise<void> {
  const log = await harness.open()
  const groups = [
    [recordOf(state, 1), recordOf(appended('a'), 2)],
    [recordOf(appended('b'), 3)],
    [recordOf(state, 4), recordOf(appended('c'), 5)],
    [recordOf(state, 6)],
  ]
  for (const group of groups) await log.append('lobby', group)
  const positions = async () => (await readAll(log)).map(({ position }) => position)
  const trimmed = async (seconds: number, expected: readonly number[]) => {
    await log.trim('lobby', START + seconds * 1000)
    mustBeAlike(await positions(), expected, `after a trim before second ${seconds} other records are there`)
  }
  await trimmed(1, [1, 2, 3, 4, 5, 6])
  await trimmed(3, [1, 2, 3, 4, 5, 6])
  await trimmed(3.5, [4, 5, 6])
  await trimmed(5, [4, 5, 6])
  await trimmed(5.5, [6])
  await trimmed(6, [6])
  await trimmed(7, [])
  mustBeAlike(await log.end('lobby'), { position: 6 }, 'positions do not go on after all records are dropped')
  must(!(await log.erase('lobby')), 'erase says that there was something')
  await log.append('lobby', [recordOf(state, 7), recordOf(appended('d'), 8)])
  mustBeAlike(await positions(), [7, 8], 'a score does not go on after all records are dropped')
  must(await log.erase('lobby'), 'erase says that there was nothing')
  mustBeAlike(await readAll(log), [], 'an erased score has records')
  mustBeAlike(await log.end('lobby'), { position: 8 }, 'positions do not go on after an erase')
  await log.trim('unused', START)
}

async function closed(harness: StoreHarness<ScoreLog>): Promise<void> {
  const log = await harness.open()
  await log.append('lobby', [recordOf(state, 1)])
  const calls = [log.append('lobby', [recordOf(state, 2)]), log.end('lobby'), readAll(log)]
  const ending = Promise.allSettled(calls)
  await Promise.all([log.close(), log.close()])
  for (const outcome of await ending) mustHaveEnded(outcome, 'a call in flight at close')
  for (const [what, call] of [
    ['append', () => log.append('lobby', [recordOf(state, 3)])],
    ['end', () => log.end('lobby')],
    ['read', () => readAll(log)],
    ['trim', () => log.trim('lobby', START)],
    ['erase', () => log.erase('lobby')],
    ['rooms', () => collected(log.rooms())],
  ] as const) {
    await mustReject(call, `${what} of a closed score log`, 'unavailable')
  }
}

const lifecycle: StoreLifecycle<ScoreLog, undefined, ScoreRecord> = {
  calls: [
    { name: 'end', call: log => log.end('lobby') },
    { name: 'read', call: log => readAll(log) },
    { name: 'rooms', call: log => collected(log.rooms()) },
    { name: 'trim', call: log => log.trim('lobby', START) },
    {
      name: 'append',
      call: (log, _, nth) => log.append('lobby', [recordOf(appended(`call ${nth}`), nth + 2, 2)]),
      after: (held, nth) => [...held, recordOf(appended(`call ${nth}`), nth + 2, 2)],
    },
  ],
  first: [recordOf(state, 1)],
  begin: async log => void (await log.append('lobby', [recordOf(state, 1)])),
  read: log => readAll(log),
  code: 'unavailable',
}

async function crashes(harness: StoreHarness<ScoreLog>): Promise<void> {
  await crashAtMoments<ScoreLog, ScoreRecord>(harness, {
    append: async (log, records) => {
      const { position } = await log.end('lobby')
      await log.append(
        'lobby',
        records.map((record, nth) => ({ ...record, position: position + nth + 1 })),
      )
    },
    // Positions follow what a crash left: compare the texts.
    read: async log => (await readAll(log)).map(record => ({ ...record, position: 0 })),
    items: nth => [recordOf(appended(`${nth}`), 0, nth), recordOf(appended('more'), 0, nth)],
  })
}

/** Every rule of a score log, as functions. `testScoreLog` runs them. */
export const scoreLogRules: readonly StoreRule<ScoreLog>[] = [
  storeRule<ScoreLog>('I10', [], everyField, played()),
  storeRule<ScoreLog>('I11', [], cut),
  storeRule<ScoreLog>('I12', [], closed, lifecycleCases(lifecycle, ['opening', 'open', 'closing', 'closed'])),
  storeRule<ScoreLog>('I13', ['reopen'], undefined, played('reopen')),
  storeRule<ScoreLog>('I14', ['reopen', 'crash'], crashes, played('crash')),
]
