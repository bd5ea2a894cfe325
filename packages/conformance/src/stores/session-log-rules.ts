import type { Position, SessionLog, SessionRecord } from '@midsentence/core'
import { must, same } from '../kit/assertions.ts'
import { crashAtMoments } from './crash-moments.ts'
import { everySessionRecord } from './every-field.ts'
import { lifecycleCases, type StoreLifecycle } from './lifecycle.ts'
import { type LogAccess, playLog } from './log-play.ts'
import { type LogPlan, type LogStep, logScripts } from './log-script.ts'
import { alike, mustBeAlike, sessionRecords } from './records.ts'
import type { StoreHarness } from './store-harness.ts'
import { collected, each, mustHaveEnded, mustReject, onFreshStore, type StoreRule, storeRule } from './store-rule.ts'

const acted = (session_id: string, given: number): SessionRecord => ({
  session_id,
  fact: { type: 'acted', push: 1, given },
})
const ended = (session_id: string): SessionRecord => ({ session_id, fact: { type: 'closed' } })

/** The records that a log must keep: those of open sessions from their newest snapshot on. */
function mustBeKept(records: readonly SessionRecord[]): readonly SessionRecord[] {
  const first = new Map<string, number>()
  for (const [at, { session_id, fact }] of records.entries()) {
    if (fact.type === 'closed') first.set(session_id, records.length)
    else if (fact.type === 'snapshot' || !first.has(session_id)) first.set(session_id, at)
  }
  return records.filter(({ session_id }, at) => at >= first.get(session_id)!)
}

function isSubsequence(part: readonly SessionRecord[], whole: readonly SessionRecord[]): boolean {
  let next = 0
  return part.every(record => {
    next = whole.findIndex((other, nth) => nth >= next && alike(other, record)) + 1
    return next > 0
  })
}

const mayBeRead = (found: readonly SessionRecord[], written: readonly SessionRecord[]): boolean =>
  isSubsequence(mustBeKept(written), found) && isSubsequence(found, written)

/** Renames sessions that go on after their end: an id is never used again. */
function asSessions(inputs: readonly SessionRecord[], before: readonly SessionRecord[]): readonly SessionRecord[] {
  const lifecycleCases = new Map<string, number>()
  const end = (id: string) => lifecycleCases.set(id, (lifecycleCases.get(id) ?? 0) + 1)
  for (const { session_id, fact } of before) if (fact.type === 'closed') end(session_id.split('.')[0]!)
  return inputs.map(({ session_id, fact }) => {
    const life = lifecycleCases.get(session_id) ?? 0
    if (fact.type === 'closed') end(session_id)
    return { session_id: `${session_id}.${life}`, fact }
  })
}

const roomsOf = async (log: SessionLog) => (await collected(log.rooms())).sort()

const ways: LogAccess<SessionLog, SessionRecord, SessionRecord> = {
  records: asSessions,
  read: (log, room) => collected(log.read(room)),
  matches: mayBeRead,
  mayStartAgain: records => mustBeKept(records).length === 0,
  async verify(log, rooms) {
    const open = [...rooms].filter(([, records]) => mustBeKept(records).length > 0).map(([room]) => room)
    mustBeAlike(await roomsOf(log), open.sort(), 'the rooms with open sessions are others')
  },
}

const scripts = (plan: LogPlan) =>
  onFreshStore<SessionLog, readonly LogStep<SessionRecord>[]>(logScripts(sessionRecords, plan), (harness, script) =>
    playLog(harness, ways, script),
  )

async function oldestFirst(harness: StoreHarness<SessionLog>): Promise<void> {
  const log = await harness.open()
  mustBeAlike(await collected(log.read('lobby')), [], 'a room without sessions has records')
  const records = [acted('a', 1), acted('b', 2), acted('a', 3), acted('B', 4), acted('b', 5)]
  const first = await log.append('lobby', records.slice(0, 1), await log.head('lobby'))
  await log.append('lobby', records.slice(1), first)
  const text = 'records are not read as they were written, oldest first'
  mustBeAlike(await collected(log.read('lobby')), records, text)
  await log.append('lobby', everySessionRecord, await log.head('lobby'))
  mustBeAlike(await collected(log.read('lobby')), [...records, ...everySessionRecord], text)
}

const crashes = (harness: StoreHarness<SessionLog>): Promise<void> =>
  crashAtMoments<SessionLog, SessionRecord>(harness, {
    append: async (log, records) => log.append('lobby', records, await log.head('lobby')),
    read: log => collected(log.read('lobby')),
    items: nth => [acted('a', nth), acted('b', nth), acted('a', nth + 1)],
  })

async function forgotten(harness: StoreHarness<SessionLog>): Promise<void> {
  const log = await harness.open()
  const all = [acted('a', 1), acted('ab', 2), acted('a', 3)]
  const after = [ended('a'), acted('ab', 4)]
  await log.append('lobby', after, await log.append('lobby', all, await log.head('lobby')))
  const found = await collected(log.read('lobby'))
  must(mayBeRead(found, [...all, ...after]), 'a session lost facts when another was closed', found)
  await log.release?.('lobby')
  const kept = await collected(log.read('lobby'))
  must(mayBeRead(kept, [...all, ...after]), 'a session lost facts when its room was released', kept)
}

async function closed(harness: StoreHarness<SessionLog>): Promise<void> {
  const log = await harness.open()
  const first = await log.append('lobby', [acted('a', 1)], await log.head('lobby'))
  const calls = [log.append('lobby', [acted('a', 2)], first), log.head('lobby'), collected(log.read('lobby'))]
  const ending = Promise.allSettled(calls)
  const closing = [log.close(), log.close()]
  const append = () => log.append('lobby', [acted('a', 3)], first)
  await Promise.all([...closing, mustReject(append, 'append to a closing session log', 'unavailable')])
  for (const outcome of await ending) mustHaveEnded(outcome, 'a call in flight at close')
  await log.close()
  for (const [what, call] of [
    ['append', append],
    ['head', () => log.head('lobby')],
    ['read', () => collected(log.read('lobby'))],
    ['rooms', () => collected(log.rooms())],
  ] as const) {
    await mustReject(call, `${what} of a closed session log`, 'unavailable')
  }
}

async function fenced(harness: StoreHarness<SessionLog>): Promise<void> {
  const log = await harness.open()
  const empty = await log.head('lobby')
  const first = await log.append('lobby', [acted('a', 1)], empty)
  must(first !== empty, 'an append did not move the head')
  same(await log.head('lobby'), first, 'the head is not the position that the last append returned')
  const stale = () => log.append('lobby', [acted('a', 2), ended('a')], empty)
  await mustReject(stale, 'an append after an older position', 'unavailable')
  const unknown = () => log.append('lobby', [acted('a', 2)], 'no position of this log')
  await mustReject(unknown, 'an append after an unknown position', 'unavailable')
  same(await log.head('lobby'), first, 'a rejected append moved the head')
  mustBeAlike(await collected(log.read('lobby')), [acted('a', 1)], 'a rejected append changed something')
  const last = await log.append('lobby', [ended('a')], first)
  same(await log.head('lobby'), last, 'the end of the last session moved the head back')
  await mustReject(
    () => log.append('lobby', [acted('b', 1)], empty),
    'an append after an older position',
    'unavailable',
  )
}

/** Names that a file system, a pattern or a key with parts would take for one another. */
const lookalikes = ['lobby', 'Lobby', 'lob', 'lobby.', 'lobby.1', 'lobby-1', 'lobby_1', '.', '..', '0', 'x'.repeat(64)]

async function apart(harness: StoreHarness<SessionLog>): Promise<void> {
  const log = await harness.open()
  mustBeAlike(await roomsOf(log), [], 'a new session log has rooms with sessions')
  const heads = await Promise.all(lookalikes.map(room => log.head(room)))
  const firsts = await Promise.all(
    lookalikes.map((room, nth) => log.append(room, [acted('a', nth), acted('b', nth)], heads[nth]!)),
  )
  mustBeAlike(await roomsOf(log), [...lookalikes].sort(), 'not every room with an open session is named, once')
  const [lobby, ...others] = lookalikes as [string, ...string[]]
  const second = await log.append(lobby, [ended('a')], firsts[0]!)
  mustBeAlike(await roomsOf(log), [...lookalikes].sort(), 'a room is gone while a session is open')
  await log.append(lobby, [ended('b')], second)
  mustBeAlike(await roomsOf(log), [...others].sort(), 'a room whose sessions are all closed is named')
  for (const [nth, room] of others.entries()) {
    const expected = [acted('a', nth + 1), acted('b', nth + 1)]
    mustBeAlike(await collected(log.read(room)), expected, `${room} has records of another room, or lost its own`)
  }
}

const lifecycle: StoreLifecycle<SessionLog, Position, SessionRecord> = {
  calls: [
    { name: 'rooms', call: log => collected(log.rooms()) },
    { name: 'head', call: log => log.head('lobby') },
    { name: 'read', call: log => collected(log.read('lobby')) },
    {
      name: 'append',
      call: (log, position, nth) => log.append('lobby', [acted('a', nth), acted('b', nth)], position),
      after: (held, nth) => [...held, acted('a', nth), acted('b', nth)],
      once: true,
    },
  ],
  first: [acted('a', 7)],
  begin: async log => log.append('lobby', [acted('a', 7)], await log.head('lobby')),
  read: log => collected(log.read('lobby')),
  code: 'unavailable',
}

const rooms = ['lobby', 'Lobby', 'lobby.1']

/** Every rule of a session log, as functions. `testSessionLog` runs them. */
export const sessionLogRules: readonly StoreRule<SessionLog>[] = [
  storeRule<SessionLog>('K1', [], oldestFirst, scripts({})),
  storeRule<SessionLog>('K2', [], undefined, scripts({ stale: true, hasty: true, reads: 'all' })),
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
    each(lifecycleCases(lifecycle, ['opened again']), scripts({ rooms, hasty: true, restart: 'close' })),
  ),
  storeRule<SessionLog>(
    'K6',
    ['reopen', 'crash'],
    crashes,
    scripts({ rooms, hasty: true, reads: 'all', restart: 'crash' }),
  ),
  storeRule<SessionLog>('K7', [], fenced, scripts({ stale: true })),
  storeRule<SessionLog>('K8', [], apart, scripts({ rooms, hasty: true })),
]
