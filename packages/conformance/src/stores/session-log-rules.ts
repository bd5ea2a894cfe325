import type { SessionLog, SessionRecord } from '@midsentence/core'
import { must } from '../kit/assertions.ts'
import { lifecycleCases, type StoreLifecycle } from './lifecycle.ts'
import { alike, mustBeAlike, sessionRecords } from './records.ts'
import { playSeries, type SeriesStep, type SeriesWays } from './series-play.ts'
import { type SeriesPlan, seriesScripts } from './series-script.ts'
import type { StoreHarness } from './store-harness.ts'
import { collected, each, mustHaveEnded, mustReject, onFreshStore, type StoreRule, storeRule } from './store-rule.ts'

/** Those of sessions that were not closed must be there; the others may have been forgotten, one and all. */
function compare(found: readonly SessionRecord[], expected: readonly SessionRecord[], what: string): void {
  const ended = new Set(expected.filter(({ fact }) => fact.type === 'closed').map(({ session_id }) => session_id))
  const alive = (records: readonly SessionRecord[]) => records.filter(({ session_id }) => !ended.has(session_id))
  mustBeAlike(alive(found), alive(expected), what)
  let next = 0
  for (const record of found) {
    next = expected.findIndex((other, nth) => nth >= next && alike(other, record)) + 1
    must(next > 0, `${what}: this was not written, or not here`, record)
  }
}

const ways: SeriesWays<SessionLog, SessionRecord> = {
  of: log => ({ read: () => collected(log.read()), append: records => log.append(records) }),
  compare,
  calm: true,
}

type Script = readonly SeriesStep<SessionRecord>[]

/** Nothing is written of a session behind its end: who comes back has another id. */
function asSessions(script: Script): Script {
  const ends = new Map<string, number>()
  const renamed = ({ session_id, fact }: SessionRecord): SessionRecord => {
    const life = ends.get(session_id) ?? 0
    if (fact.type === 'closed') ends.set(session_id, life + 1)
    return { session_id: `${session_id}.${life}`, fact }
  }
  return script.map(step => ('items' in step ? { ...step, items: step.items.map(renamed) } : step))
}

const scripts = (plan: SeriesPlan) =>
  onFreshStore<SessionLog, Script>(seriesScripts(sessionRecords, plan).map(asSessions), (harness, script) =>
    playSeries(harness, ways, script),
  )

const acted = (session_id: string, given: number): SessionRecord => ({
  session_id,
  fact: { type: 'acted', push: 1, given },
})

async function oldestFirst(harness: StoreHarness<SessionLog>): Promise<void> {
  const log = await harness.open()
  mustBeAlike(await collected(log.read()), [], 'a new session log holds something')
  const records = [acted('a', 1), acted('b', 2), acted('a', 3), acted('B', 4), acted('b', 5)]
  await log.append(records.slice(0, 1))
  await log.append(records.slice(1))
  mustBeAlike(await collected(log.read()), records, 'records are not read as they were written, oldest first')
}

async function forgotten(harness: StoreHarness<SessionLog>): Promise<void> {
  const log = await harness.open()
  const all = [acted('a', 1), acted('ab', 2), acted('a', 3)]
  const end: SessionRecord = { session_id: 'a', fact: { type: 'closed' } }
  await log.append(all)
  await log.append([end, acted('ab', 4)])
  compare(await collected(log.read()), [...all, end, acted('ab', 4)], 'a session lost facts when another was closed')
}

async function closed(harness: StoreHarness<SessionLog>): Promise<void> {
  const log = await harness.open()
  const under = [log.append([acted('a', 1)]), log.append([acted('a', 2)])]
  const ending = Promise.allSettled(under)
  const closing = [log.close(), log.close()]
  await Promise.all([
    ...closing,
    mustReject(() => log.append([acted('a', 3)]), 'append to a closing session log', 'unavailable'),
  ])
  for (const outcome of await ending) mustHaveEnded(outcome, 'an append under way at close')
  await log.close()
  await mustReject(() => log.append([acted('a', 3)]), 'append to a closed session log', 'unavailable')
  await mustReject(() => collected(log.read()), 'read of a closed session log', 'unavailable')
}

const lifecycle: StoreLifecycle<SessionLog, undefined, SessionRecord> = {
  calls: [
    { name: 'read', call: log => collected(log.read()) },
    {
      name: 'append',
      call: (log, _, nth) => log.append([acted('a', nth), acted('b', nth)]),
      after: (held, nth) => [...held, acted('a', nth), acted('b', nth)],
    },
  ],
  first: [acted('a', 7)],
  async begin(log) {
    await collected(log.read())
    await log.append([acted('a', 7)])
    return undefined
  },
  read: log => collected(log.read()),
  code: 'unavailable',
}

/** Every rule that a session log is held to, as functions: `testSessionLog` runs them, so may anything else. */
export const sessionLogRules: readonly StoreRule<SessionLog>[] = [
  storeRule<SessionLog>('K1', [], oldestFirst),
  storeRule<SessionLog>('K2', [], undefined, scripts({})),
  storeRule<SessionLog>('K3', [], forgotten),
  storeRule<SessionLog>(
    'K4',
    [],
    closed,
    lifecycleCases(lifecycle, ['opening', 'open', 'closing', 'closed', 'closed twice']),
  ),
  storeRule<SessionLog>(
    'K5',
    ['reopen'],
    undefined,
    each(lifecycleCases(lifecycle, ['opened again']), scripts({ restart: 'close' })),
  ),
  storeRule<SessionLog>('K6', ['reopen', 'crash'], undefined, scripts({ restart: 'crash' })),
]
