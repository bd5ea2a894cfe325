import type { ScoreRecord } from '@midsentence/core'
import { emptyScore, evolveScore, stateEventOf } from '@midsentence/core/hub'
import { scoreProblem } from '@midsentence/core/wire'
import { must } from '../../kit/assertions.ts'
import { mustBeAlike as same } from '../../stores/records.ts'
import { Caller } from '../caller.ts'
import type { OpenEventStream, ScoreStreamRequest } from '../server-harness.ts'
import { type ServerRule, type ServerScenario, serverRule } from '../server-rule.ts'

/** Joins the recorded room. */
const joinRecorded = ({ harness }: ServerScenario, name: string): Promise<Caller> =>
  Caller.join(harness, name, { room: harness.recorded })

const watch = ({ harness }: ServerScenario, more: Partial<ScoreStreamRequest> = {}): Promise<OpenEventStream> =>
  harness.score!({ room: harness.recorded!, ...more })

/** Returns the records of a score so far, and checks the form of its events. */
function recordsOf({ events }: OpenEventStream): ScoreRecord[] {
  return events.flatMap(({ event, id, data }) => {
    const value = JSON.parse(data)
    const problem = scoreProblem(event, value)
    if (problem !== undefined) throw new Error(problem)
    if (event !== 'record') return []
    same(id, `${value.position}`, 'the id of a record is not its position')
    return [value]
  })
}

/** Lets time pass until `isThere` holds for the records of a score, and returns them. */
async function until(
  { harness }: ServerScenario,
  stream: OpenEventStream,
  isThere: (records: readonly ScoreRecord[]) => boolean,
): Promise<ScoreRecord[]> {
  for (let tried = 0; tried < 300 && !isThere(recordsOf(stream)); tried++) {
    await harness.settle()
    await harness.pass?.(20)
  }
  const records = recordsOf(stream)
  must(isThere(records), 'a score lacks records', records)
  return records
}

const has = (type: ScoreRecord['type']) => (records: readonly ScoreRecord[]) =>
  records.some(record => record.type === type)

/** What a record says besides where it is. */
function eventOf({ position: _, at: __, head: ___, ...event }: ScoreRecord): object {
  return event
}

async function saysSo(scenario: ServerScenario): Promise<void> {
  const { harness, join } = scenario
  const [ada, seen] = [await join('Ada'), await joinRecorded(scenario, 'Ada')]
  const told = async (caller: Caller) => {
    const resumed = await caller.call('resume')
    return [caller.joinResult, resumed].map(({ observable, recorded, listed }) => [observable, recorded, listed])
  }
  const [open, plain] = [
    [true, true, true],
    [undefined, undefined, undefined],
  ]
  same(await told(seen), [open, open], 'join and resume do not say that a room is recorded and listed')
  same(await told(ada), [plain, plain], 'join or resume say of another room that it is recorded or listed')
  await ada.call('append', { text: 'secret' })
  const stream = await harness.score!({ room: harness.room })
  same([stream.status, stream.events], [404, []], 'a room that is not recorded has a score')
  await stream.close()
}

async function takesNoName(scenario: ServerScenario): Promise<void> {
  const ada = await joinRecorded(scenario, 'Ada')
  const stream = await watch(scenario)
  const { participants } = await ada.call('who')
  same(participants, [{ sender_id: ada.name }], 'a watcher is a participant')
  await ada.call('append', { text: 'x' })
  same((await ada.call('push')).status, 1, 'a watcher holds a push')
  await stream.close()
}

async function recordsWhatHappens(scenario: ServerScenario): Promise<void> {
  const stream = await watch(scenario)
  same(stream.status, 200, 'the score of a recorded room was not opened')
  const [ada, ben] = [await joinRecorded(scenario, 'Ada'), await joinRecorded(scenario, 'Ben')]
  const [a, b] = [{ sender_id: ada.name }, { sender_id: ben.name }]
  const { cursor: base } = ada.joinResult
  await ada.call('append', { text: 'Hel ' })
  await ada.call('append', { text: 'wor\nld\u2028' })
  await ada.call('undo')
  await ben.call('append', { text: 'Hi' })
  const { seq } = await ben.call('push')
  const held = await ada.call('push')
  same(held.held, true, 'a push across an unseen message was not held')
  await ada.call('reset')
  await ben.call('leave')
  const records = await until(scenario, stream, has('left'))
  const events = records.map(eventOf).filter(event => !('type' in event && event.type === 'given'))
  const at = events.findIndex(event => 'type' in event && event.type === 'message')
  const { message, ...named } = Object(events[at])
  same([named, message?.content, message?.sender_id], [{ type: 'message', seq }, 'Hi', ben.name], 'a message is wrong')
  same(
    events.filter((event, nth) => nth !== at && !('type' in event && event.type === 'state')),
    [
      { type: 'joined', ...a },
      { type: 'joined', ...b },
      { type: 'appended', ...a, text: 'Hel ', base },
      { type: 'appended', ...a, text: 'wor\nld\u2028', base },
      { type: 'undone', ...a },
      { type: 'appended', ...b, text: 'Hi', base },
      { type: 'pushed', ...b, seq },
      { type: 'held', ...a, why: 'unseen', seq },
      { type: 'reset', ...a },
      { type: 'left', ...b },
    ],
    'a score does not have what happened',
  )
  for (const [nth, { position, at, head, ...event }] of records.entries()) {
    const before = records[nth - 1]
    same(position, (before?.position ?? position - 1) + 1, 'positions have a gap')
    must(at >= (before?.at ?? ''), 'the time of a record is before that of the one before')
    same(
      head,
      nth < records.findIndex(({ type }) => type === 'message') ? base : seq,
      `the head is wrong: ${event.type}`,
    )
  }
  const given = (name: string) =>
    records.findLast((record): record is ScoreRecord & { type: 'given' } =>
      record.type === 'given' ? record.sender_id === name : false,
    )?.seq
  same([given(ada.name), given(ben.name)], [seq, seq], 'a score does not say what participants were given')
  await stream.close()
}

async function recordsLocalDrafts(scenario: ServerScenario): Promise<void> {
  const cleo = await joinRecorded(scenario, 'Cleo')
  const stream = await watch(scenario)
  const { cursor: base } = cleo.joinResult
  await cleo.notify('draft', { facts: [{ type: 'appended', text: 'local', base }], rev: 1 })
  const { seq } = await cleo.call('publish', { content: 'local', base, key: 'of a local draft' })
  await cleo.call('leave')
  const sender_id = cleo.name
  const own = (records: readonly ScoreRecord[]) =>
    records.filter(record => 'sender_id' in record && record.sender_id === sender_id && record.type !== 'given')
  const records = await until(scenario, stream, records => has('left')(own(records)))
  same(
    own(records).map(eventOf),
    [
      { type: 'joined', sender_id },
      { type: 'appended', sender_id, text: 'local', base },
      { type: 'pushed', sender_id, seq },
      { type: 'left', sender_id },
    ],
    'a score does not say that a local draft became a message',
  )
  await stream.close()
}

async function resumes(scenario: ServerScenario): Promise<void> {
  const ada = await joinRecorded(scenario, 'Ada')
  for (const text of ['one', 'two', 'three']) await ada.call('append', { text })
  await ada.call('push')
  const first = await watch(scenario)
  const all = await until(scenario, first, has('pushed'))
  await first.close()
  const newest = all.at(-1)!.position
  for (const how of [{ from: newest - 3 }, { lastEventId: newest - 3 }, { lastEventId: newest - 3, from: 1 }]) {
    const stream = await watch(scenario, how)
    same(
      JSON.parse(stream.events[0]?.data ?? '{}').position ?? newest - 3,
      newest - 3,
      'welcome names another position',
    )
    const found = await until(scenario, stream, records => records.length >= 3)
    same(found.slice(0, 3), all.slice(-3), `a score resumed from another record: ${JSON.stringify(how)}`)
    await ada.call('append', { text: 'more' })
    await until(scenario, stream, records => records.length > 3)
    await ada.call('undo')
    await stream.close()
  }
  for (const from of [newest + 1000, -1, 'x']) {
    const stream = await watch(scenario, { from })
    same(stream.status, 400, `a score was opened from ${from}`)
    await stream.close()
  }
}

async function countsWatchers(scenario: ServerScenario): Promise<void> {
  const ada = await joinRecorded(scenario, 'Ada')
  same((await ada.call('who')).watchers, undefined, 'who counts watchers where there are none')
  const streams = [await watch(scenario), await watch(scenario)]
  same((await ada.call('who')).watchers, 2, 'who does not count the watchers')
  for (const stream of streams) await stream.close()
  for (let tried = 0; tried < 100 && (await ada.call('who')).watchers !== undefined; tried++) {
    await scenario.harness.settle()
  }
  same((await ada.call('who')).watchers, undefined, 'who counts watchers that are gone')
}

async function tellsWatchers(scenario: ServerScenario): Promise<void> {
  const { harness } = scenario
  const ada = await joinRecorded(scenario, 'Ben')
  const events = await harness.stream!({ room: harness.recorded!, token: ada.token! })
  const told = async (watchers: number) => {
    const newest = () => events.events.findLast(({ event }) => event === 'watchers')?.data
    for (let tried = 0; tried < 200 && newest() !== JSON.stringify({ watchers }); tried++) {
      await harness.settle()
      await harness.pass?.(20)
    }
    same(newest(), JSON.stringify({ watchers }), 'a stream does not tell how many watch')
  }
  const stream = await watch(scenario)
  await told(1)
  await stream.close()
  await told(0)
  await events.close()
}

async function marksCrashes(scenario: ServerScenario): Promise<void> {
  const { harness } = scenario
  const ada = await joinRecorded(scenario, 'Ada')
  const say = async (text: string): Promise<number> => {
    await ada.call('append', { text })
    return (await ada.call('push')).seq!
  }
  await say('before')
  const before = await watch(scenario)
  await until(scenario, before, has('pushed'))
  await before.close()
  const head = await say('perhaps lost')
  await harness.restart!()
  const ben = await joinRecorded(scenario, 'Ben')
  const stream = await watch(scenario)
  const isBack = (record: ScoreRecord) => record.type === 'joined' && record.sender_id === ben.name
  const all = await until(scenario, stream, records => records.some(isBack))
  same(
    all.flatMap(record => (record.type === 'message' ? [record.seq] : [])),
    Array.from({ length: head }, (_, nth) => nth + 1),
    'a score does not name each message once',
  )
  const at = all.findIndex(({ type }) => type === 'gap')
  const after = all.slice(at + 1).find(({ type }) => type !== 'message')
  same([after?.type, after?.head], ['state', head], 'after a crash a gap is not followed by messages and a state')
  await stream.close()
}

async function statesAreReplays(scenario: ServerScenario): Promise<void> {
  const { harness } = scenario
  const stream = await watch(scenario)
  const [ada, ben] = [await joinRecorded(scenario, 'Ada'), await joinRecorded(scenario, 'Ben')]
  await ada.call('append', { text: 'one ' })
  await ada.call('append', { text: 'two' })
  await ben.call('append', { text: 'three' })
  await ben.call('push')
  await ben.call('append', { text: 'four' })
  const states = (records: readonly ScoreRecord[]) => records.filter(({ type }) => type === 'state').length
  await until(scenario, stream, has('pushed'))
  // The hour, in which the participants stay, so that the state has their drafts.
  for (let passed = 0; passed <= 3_600_000; passed += 25_000) {
    for (const caller of [ada, ben]) await caller.call('who')
    await harness.pass!(25_000)
  }
  await until(scenario, stream, records => states(records) >= 2)
  const records = recordsOf(stream)
  same(records[0]?.type, 'state', 'a score does not begin with a state')
  let state = emptyScore
  for (const [nth, record] of records.entries()) {
    const next = evolveScore(state, record)
    if (record.type === 'state' && nth > 0) {
      same(stateEventOf(next), stateEventOf(state), 'a state is not what the records before it led to')
    }
    state = next
  }
  await stream.close()
}

async function forgets(scenario: ServerScenario): Promise<void> {
  const { harness } = scenario
  const before = await joinRecorded(scenario, 'Ada')
  await before.call('append', { text: 'undone text' })
  await before.call('undo')
  const first = await watch(scenario)
  await until(scenario, first, has('undone'))
  await first.close()
  await harness.pass!(24.5 * 3_600_000)
  const later = await joinRecorded(scenario, 'Ben')
  await later.call('append', { text: 'later' })
  await harness.pass!(2 * 3_600_000)
  const stream = await watch(scenario, { from: 1 })
  await until(scenario, stream, has('appended'))
  const data = stream.events.map(({ data }) => data).join()
  must(!data.includes('undone text'), 'a score has text that is older than a day and two hours')
  same(stream.events[1]?.event, 'missed', 'a watcher is not told that records are gone')
  await stream.close()
}

async function listsRooms({ harness, join }: ServerScenario): Promise<void> {
  await join('Ada')
  const ben = await Caller.join(harness, 'Ben', { room: harness.recorded })
  await ben.call('append', { text: 'secret' })
  const { rooms } = Object(await harness.rooms!())
  must(Array.isArray(rooms), 'the list of rooms is no list', rooms)
  same(
    rooms.map(({ room }) => room),
    [harness.recorded],
    'the list has other rooms than those that are listed',
  )
  const [{ last_at, ...entry }] = rooms
  const participants = [{ sender_id: ben.name, writing: true }]
  const terms = { policy: 'hold', observable: true, recorded: true, listed: true }
  same(entry, { room: harness.recorded, participants, ...terms }, 'the list says something else of a room')
  must(Math.abs(Date.parse(last_at)) > 0, 'the list does not say when something happened', last_at)
}

export const scoreRules: readonly ServerRule[] = [
  serverRule('I1', ['recorded', 'score'], saysSo),
  serverRule('I2', ['recorded', 'score'], takesNoName),
  serverRule('I3', ['recorded', 'score'], async scenario => {
    await recordsWhatHappens(scenario)
    await recordsLocalDrafts(scenario)
  }),
  serverRule('I4', ['recorded', 'score'], resumes),
  serverRule('I5', ['recorded', 'score', 'stream'], async scenario => {
    await countsWatchers(scenario)
    await tellsWatchers(scenario)
  }),
  serverRule('I6', ['recorded', 'score', 'restart'], marksCrashes),
  serverRule('I7', ['recorded', 'score', 'pass'], statesAreReplays),
  serverRule('I8', ['recorded', 'score', 'pass'], forgets),
  serverRule('I9', ['recorded', 'rooms'], listsRooms),
]
