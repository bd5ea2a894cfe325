import { isMidsentenceError, type Position, type RoomLog, type RoomRecord } from '@midsentence/core'
import { must, same } from '../kit/assertions.ts'
import { crashAtMoments } from './crash-moments.ts'
import { everyRoomRecord } from './every-field.ts'
import { lifecycleCases, type StoreLifecycle } from './lifecycle.ts'
import { type LogAccess, playLog } from './log-play.ts'
import { type LogPlan, type LogStep, logScripts } from './log-script.ts'
import { messagesIn, mustBeAlike, type RecordContent, recordContents, roomRecord } from './records.ts'
import type { StoreHarness, StoreSetup } from './store-harness.ts'
import { collected, each, mustHaveEnded, mustReject, onFreshStore, type StoreRule, storeRule } from './store-rule.ts'

const said = (seq: number, content = `message ${seq}`): RoomRecord => roomRecord({ content }, seq)
const granted = roomRecord('granted', 0)
const access: LogAccess<RoomLog, RoomRecord, RecordContent> = {
  records(inputs, before) {
    let seq = messagesIn(before).length
    return inputs.map(content => roomRecord(content, typeof content === 'string' ? seq : ++seq))
  },
  read: (log, room) => collected(log.records(room)),
  page: {
    read: (log, room, after, limit) => log.messages(room, after, limit),
    of: (records, after, limit) =>
      messagesIn(records)
        .filter(({ seq }) => seq > after)
        .slice(0, limit),
  },
}

const scripts = (plan: LogPlan) =>
  onFreshStore<RoomLog, readonly LogStep<RecordContent>[]>(logScripts(recordContents, plan), (harness, script) =>
    playLog(harness, access, script),
  )

async function everyField(harness: StoreHarness<RoomLog>): Promise<void> {
  const log = await harness.open()
  let position = await log.head('lobby')
  const written = [...everyRoomRecord(1), ...everyRoomRecord(2)]
  for (const record of everyRoomRecord(1)) position = await log.append('lobby', [record], position)
  await log.append('lobby', everyRoomRecord(2), position)
  mustBeAlike(await collected(log.records('lobby')), written, 'records are not read as they were written')
  mustBeAlike(await log.messages('lobby', 0, 9), messagesIn(written), 'messages are not read as they were written')
  const snapshot = { position: await log.head('lobby'), state: { a: ['\ud800', 1.5, null] } }
  await log.snapshots?.save('lobby', snapshot)
  // A snapshot may be lost at any moment.
  const loaded = (await log.snapshots?.load('lobby')) ?? snapshot
  mustBeAlike(loaded, snapshot, 'a snapshot is not loaded as it was saved')
}

const crashes = (harness: StoreHarness<RoomLog>): Promise<void> =>
  crashAtMoments<RoomLog, RoomRecord>(harness, {
    append: async (log, records) => log.append('lobby', records, await log.head('lobby')),
    read: log => collected(log.records('lobby')),
    items: nth => [said(nth + 1), granted, roomRecord('ended', 0)],
  })

async function fenced(harness: StoreHarness<RoomLog>): Promise<void> {
  const log = await harness.open()
  const empty = await log.head('lobby')
  const first = await log.append('lobby', [said(1), granted], empty)
  same(await log.head('lobby'), first, 'head is not the position that the last append returned')
  must(first !== empty, 'an append did not move the head')
  const late = () => log.append('lobby', [said(2), said(3)], empty)
  await mustReject(late, 'an append after an older position', 'unavailable')
  const lost = () => log.append('lobby', [said(2)], 'no position of this log')
  await mustReject(lost, 'an append after an unknown position', 'unavailable')
  same(await log.head('lobby'), first, 'a rejected append moved the head')
  const second = await log.append('lobby', [said(2)], first)
  const again = () => log.append('lobby', [said(3)], first)
  await mustReject(again, 'a second append after the same position', 'unavailable')
  same(await log.head('lobby'), second, 'head is not the position that the last append returned')
  mustBeAlike(await collected(log.records('lobby')), [said(1), granted, said(2)], 'rejected appends left records')
}

async function pages(harness: StoreHarness<RoomLog>): Promise<void> {
  const log = await harness.open()
  const records = [said(1), granted, said(2), said(3), granted, said(4), said(5)]
  let position = await log.head('lobby')
  const positions = [position]
  for (const record of records) {
    position = await log.append('lobby', [record], position)
    positions.push(position)
  }
  for (const [nth, position] of positions.entries()) {
    const rest = await collected(log.records('lobby', position))
    mustBeAlike(rest, records.slice(nth), `after record ${nth} of seven the records are wrong`)
  }
  for (let after = 0; after <= 6; after++) {
    for (let limit = 0; limit <= 6; limit++) {
      const page = await log.messages('lobby', after, limit)
      const expected = messagesIn(records).slice(after, after + limit)
      mustBeAlike(page, expected, `the page of at most ${limit} after seq ${after} of five messages is wrong`)
    }
  }
}

/** Room names that a file system, a pattern or a composed key may confuse. */
const lookalikes = ['lobby', 'Lobby', 'lob', 'lobby.', 'lobby.1', 'lobby-1', 'lobby_1', '.', '..', '0', 'x'.repeat(64)]

async function apart(harness: StoreHarness<RoomLog>): Promise<void> {
  const log = await harness.open()
  const heads = await Promise.all(lookalikes.map(room => log.head(room)))
  await Promise.all(lookalikes.map((room, nth) => log.append(room, [said(1, room)], heads[nth]!)))
  for (const room of lookalikes) {
    mustBeAlike(await collected(log.records(room)), [said(1, room)], `${room} has records of another room`)
    mustBeAlike(await log.messages(room, 0, 9), messagesIn([said(1, room)]), `${room} has messages of another room`)
  }
  same(await collected(log.records('unused')), [], 'an unused room has records')
}

async function closed(harness: StoreHarness<RoomLog>): Promise<void> {
  const log = await harness.open()
  const first = await log.append('lobby', [said(1)], await log.head('lobby'))
  const calls = [log.append('lobby', [said(2)], first), log.messages('lobby', 0, 9), log.head('lobby')]
  const ending = Promise.allSettled(calls)
  const closing = [log.close(), log.close()]
  await Promise.all([
    ...closing,
    mustReject(() => log.append('lobby', [said(3)], first), 'append to a closing log', 'unavailable'),
  ])
  for (const outcome of await ending) mustHaveEnded(outcome, 'a call in flight at close')
  await log.close()
  for (const [what, call] of [
    ['head', () => log.head('lobby')],
    ['append', () => log.append('lobby', [said(3)], first)],
    ['messages', () => log.messages('lobby', 0, 9)],
    ['records', () => collected(log.records('lobby'))],
  ] as const) {
    await mustReject(call, `${what} of a closed log`, 'unavailable')
  }
  if (!harness.reopen) return
  const hasty = await harness.reopen()
  const opening = Promise.allSettled([hasty.head('lobby')])
  await hasty.close()
  for (const outcome of await opening) mustHaveEnded(outcome, 'a call during open')
  const [written] = await Promise.allSettled(calls)
  const unknown = written?.status === 'rejected' && isMidsentenceError(written.reason) && written.reason.data.unknown
  const found = await collected((await harness.reopen()).records('lobby'))
  if (unknown && found.length === 1) return
  const expected = written?.status === 'fulfilled' || unknown ? [said(1), said(2)] : [said(1)]
  mustBeAlike(found, expected, 'a log does not hold what its appends acknowledged before close')
}

async function hasUniqueId(setup: StoreSetup<RoomLog>): Promise<void> {
  const [one, other] = [await setup(), await setup()]
  try {
    const [log, next] = [await one.open(), await other.open()]
    must(typeof log.id === 'string' && log.id !== '', 'a log has no id', log.id)
    must(log.id !== next.id, 'two logs have the same id', log.id)
    const { id } = log
    await log.close()
    if (one.reopen) same((await one.reopen()).id, id, 'a log has another id after it was opened again')
  } finally {
    await Promise.all([one.close(), other.close()])
  }
}

const hasSnapshots = (log: RoomLog) => log.snapshots !== undefined

const lifecycle: StoreLifecycle<RoomLog, Position, RoomRecord> = {
  calls: [
    { name: 'head', call: log => log.head('lobby') },
    {
      name: 'append',
      call: (log, position, nth) => log.append('lobby', [said(2, `call ${nth}`), granted], position),
      after: (held, nth) => [...held, said(2, `call ${nth}`), granted],
      once: true,
    },
    { name: 'messages', call: log => log.messages('lobby', 0, 9) },
    { name: 'records', call: log => collected(log.records('lobby')) },
    { name: 'load of a snapshot', call: async log => log.snapshots?.load('lobby'), has: hasSnapshots },
    {
      name: 'save of a snapshot',
      call: async (log, position) => log.snapshots?.save('lobby', { position, state: { none: true } }),
      has: hasSnapshots,
      lax: true,
    },
  ],
  first: [said(1)],
  begin: async log => log.append('lobby', [said(1)], await log.head('lobby')),
  read: log => collected(log.records('lobby')),
  code: 'unavailable',
}

const rooms = ['lobby', 'Lobby', 'lobby.1']

/** Every rule of a room log, as functions. `testRoomLog` runs them. */
export const roomLogRules: readonly StoreRule<RoomLog>[] = [
  storeRule<RoomLog>('G2', [], everyField, scripts({})),
  storeRule<RoomLog>('G3', [], fenced, scripts({ stale: true })),
  storeRule<RoomLog>('G4', [], undefined, scripts({ stale: true, hasty: true })),
  storeRule<RoomLog>('G5', [], pages),
  storeRule<RoomLog>('G6', [], apart, scripts({ rooms, hasty: true })),
  storeRule<RoomLog>('G7', [], undefined, scripts({ rooms: ['lobby', 'next'], hasty: true, reads: 'pages' })),
  storeRule<RoomLog>(
    'G8',
    [],
    closed,
    lifecycleCases(lifecycle, ['opening', 'open', 'closing', 'closed', 'closed twice']),
  ),
  storeRule<RoomLog>('G9', [], undefined, hasUniqueId),
  storeRule<RoomLog>(
    'G10',
    ['reopen'],
    undefined,
    each(lifecycleCases(lifecycle, ['opened again']), scripts({ rooms, hasty: true, restart: 'close' })),
  ),
  storeRule<RoomLog>(
    'G11',
    ['reopen', 'crash'],
    crashes,
    scripts({ rooms, hasty: true, reads: 'pages', restart: 'crash' }),
  ),
]
