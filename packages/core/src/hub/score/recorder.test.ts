import { faultyScores, recordedRooms, recordingHub } from '@midsentence/testing/harness/score-harness'
import { describe, expect, test } from 'vitest'
import { memoryLog } from '../../memory/memory-log.ts'
import { memoryScores } from '../../memory/memory-scores.ts'
import { memorySessions } from '../../memory/memory-sessions.ts'
import { defaultPolicy } from '../../ports/policy.ts'
import { emptyScore, evolveScore, type ScoreState, stateEventOf } from '../../score/evolve.ts'
import type { ScoreRecord } from '../../score/records.ts'

const short = (record: ScoreRecord) => {
  const { position: _, at: __, head, ...event } = record
  return [head, event]
}

/** The state that records lead to. Checks each `state` against those before it, unless a gap lies between. */
function replayed(records: readonly ScoreRecord[]): ScoreState {
  let state = emptyScore
  let isKnown = false
  for (const record of records) {
    if (record.type === 'gap') isKnown = false
    if (record.type === 'state' && isKnown)
      expect(stateEventOf(state)).toEqual(stateEventOf(evolveScore(state, record)))
    if (record.type === 'state') isKnown = true
    state = evolveScore(state, record)
  }
  return state
}

describe('a recorded room', () => {
  test('[I3] has everything that observers see in its score, with the head of that moment', async () => {
    const { join, records } = await recordingHub()
    const ada = await join('Ada')
    const bo = await join('Bo')
    await ada.append({ text: 'Hello ' })
    await ada.append({ text: 'world' })
    await ada.undo()
    await bo.append({ text: 'Hi' })
    await bo.push()
    const held = await ada.push()
    expect(held).toMatchObject({ status: 0, held: true })
    await ada.reset()
    await bo.leave()
    const found = await records()
    expect(found.map(({ position }) => position)).toEqual(found.map((_, nth) => nth + 1))
    expect(found.map(short)).toEqual([
      [0, { type: 'state', participants: [] }],
      [0, { type: 'joined', sender_id: 'Ada' }],
      [0, { type: 'joined', sender_id: 'Bo' }],
      [0, { type: 'appended', sender_id: 'Ada', text: 'Hello ', base: 0 }],
      [0, { type: 'appended', sender_id: 'Ada', text: 'world', base: 0 }],
      [0, { type: 'undone', sender_id: 'Ada' }],
      [0, { type: 'appended', sender_id: 'Bo', text: 'Hi', base: 0 }],
      [1, { type: 'message', seq: 1 }],
      [1, { type: 'pushed', sender_id: 'Bo', seq: 1 }],
      [1, { type: 'given', sender_id: 'Bo', seq: 1 }],
      [1, { type: 'held', sender_id: 'Ada', why: 'unseen', seq: 1 }],
      [1, { type: 'given', sender_id: 'Ada', seq: 1 }],
      [1, { type: 'reset', sender_id: 'Ada' }],
      [1, { type: 'left', sender_id: 'Bo' }],
    ])
    expect([...replayed(found).lanes.keys()]).toEqual(['Ada'])
  })

  test('[I3] has local drafts, and what their authors had read', async () => {
    const { join, records } = await recordingHub()
    const ada = await join('Ada')
    const bo = await join('Bo')
    await bo.publish({ content: 'one', base: 0, key: 'k' })
    ada.showDraft([{ type: 'appended', text: 'a', base: 0 }], 1)
    ada.showDraft([{ type: 'appended', text: 'b', base: 1 }], 2)
    // After a lost connection the author sends all of it again.
    ada.showDraft(
      [
        { type: 'appended', text: 'a', base: 0 },
        { type: 'appended', text: 'b', base: 1 },
        { type: 'appended', text: 'c', base: 1 },
      ],
      3,
    )
    ada.showDraft([{ type: 'appended', text: 'other', base: 1 }], 1)
    const found = (await records()).map(short).slice(4)
    expect(found).toEqual([
      [1, { type: 'given', sender_id: 'Bo', seq: 1 }],
      [1, { type: 'appended', sender_id: 'Ada', text: 'a', base: 0 }],
      [1, { type: 'given', sender_id: 'Ada', seq: 1 }],
      [1, { type: 'appended', sender_id: 'Ada', text: 'b', base: 1 }],
      [1, { type: 'appended', sender_id: 'Ada', text: 'c', base: 1 }],
      [1, { type: 'draft', sender_id: 'Ada', draft: [{ type: 'appended', text: 'other', base: 1 }] }],
    ])
  })

  test('[I3] has a local draft as pushed, before its author says so and though it leaves', async () => {
    const { join, records } = await recordingHub()
    const ada = await join('Ada')
    ada.showDraft([{ type: 'appended', text: 'one', base: 0 }], 1)
    expect(await ada.publish({ content: 'one', base: 0, key: 'k' })).toMatchObject({ seq: 1 })
    ada.showDraft([{ type: 'pushed', seq: 1 }], 2)
    ada.showDraft([{ type: 'appended', text: 'two', base: 1 }], 3)
    // Another text than the one that was shown: its author says what became of that.
    await ada.publish({ content: 'three', base: 1, key: 'k2' })
    // A lost answer: the author shows the draft again before it knows.
    ada.showDraft([{ type: 'appended', text: 'four', base: 2 }], 1)
    await ada.publish({ content: 'four', base: 2, key: 'k3' })
    ada.showDraft([{ type: 'appended', text: 'four', base: 2 }], 1)
    ada.showDraft([{ type: 'pushed', seq: 3 }], 2)
    ada.showDraft([{ type: 'appended', text: 'five', base: 3 }], 1)
    await ada.publish({ content: 'five', base: 3, key: 'k4' })
    await ada.leave()
    const found = (await records()).filter(({ type }) => type !== 'given' && type !== 'state' && type !== 'joined')
    expect(found.map(record => [record.type, 'seq' in record ? record.seq : undefined])).toEqual([
      ['appended', undefined],
      ['message', 1],
      ['pushed', 1],
      ['appended', undefined],
      ['message', 2],
      ['draft', undefined],
      ['message', 3],
      ['pushed', 3],
      ['appended', undefined],
      ['pushed', 3],
      ['appended', undefined],
      ['message', 4],
      ['pushed', 4],
      ['left', undefined],
    ])
  })

  test('[I3] has floors, and holds for them', async () => {
    const { clock, join, say, records } = await recordingHub()
    const [ada, bo] = [await join('Ada'), await join('Bo')]
    await ada.append({ text: 'mine' })
    for (const content of ['one', 'two', 'three']) {
      await say(bo, content)
      expect(await ada.push()).toMatchObject({ status: 0 })
    }
    await bo.append({ text: 'four' })
    const waiting = bo.push({ timeout_ms: 1000 })
    await clock.advance(1000)
    expect(await waiting).toMatchObject({ status: 0, floor: { name: 'Ada' } })
    await ada.push()
    const about = (await records()).filter(({ type }) => /held|floor/.test(type)).map(short)
    expect(about).toEqual([
      [1, { type: 'held', sender_id: 'Ada', why: 'unseen', seq: 1 }],
      [2, { type: 'held', sender_id: 'Ada', why: 'unseen', seq: 2 }],
      [3, { type: 'held', sender_id: 'Ada', why: 'unseen', seq: 3 }],
      [3, { type: 'floor.granted', sender_id: 'Ada', for_ms: 60_000 }],
      [3, { type: 'held', sender_id: 'Bo', why: 'floor', seq: 3 }],
      [4, { type: 'floor.ended', sender_id: 'Ada', why: 'sent' }],
    ])
  })

  test('[I3] keeps the draft of one that is away, and shows it again when a lapsed one returns', async () => {
    const { clock, join, records } = await recordingHub({ sessions: memorySessions() })
    const ada = await join('Ada')
    const bo = await join('Bo')
    await ada.append({ text: 'mid-' })
    await clock.advance(30_000)
    await bo.append({ text: 'here' })
    await clock.advance(60_000)
    await bo.undo()
    await ada.append({ text: 'sentence' })
    const found = await records()
    const draft = [{ type: 'appended', text: 'mid-', base: 0 }]
    expect(found.filter(record => 'sender_id' in record && record.sender_id === 'Ada').map(short)).toEqual([
      [0, { type: 'joined', sender_id: 'Ada' }],
      [0, { type: 'appended', sender_id: 'Ada', text: 'mid-', base: 0 }],
      [0, { type: 'left', sender_id: 'Ada', away: true }],
      [0, { type: 'left', sender_id: 'Ada' }],
      [0, { type: 'joined', sender_id: 'Ada' }],
      [0, { type: 'draft', sender_id: 'Ada', draft }],
      [0, { type: 'appended', sender_id: 'Ada', text: 'sentence', base: 0 }],
    ])
    replayed(found)
  })

  test('[I3] times never go back, also when the clock does', async () => {
    const { clock, join, records } = await recordingHub()
    const now = clock.now
    let back = 0
    clock.now = () => now() - back
    const ada = await join('Ada')
    back = 5000
    await ada.append({ text: 'x' })
    const times = (await records()).map(({ at }) => at)
    expect(times).toEqual(times.toSorted())
  })
})

describe('a room that is not recorded', () => {
  test.each([
    ['is not observable', { recorded: true }],
    ['does not say so', { observable: true }],
  ])('[I1] since it %s has no score', async (_, access) => {
    const { hub, join, records, watch } = await recordingHub({ policy: { ...defaultPolicy, access: () => access } })
    const ada = await join('Ada')
    await ada.append({ text: 'secret' })
    expect(await records()).toEqual([])
    expect(ada.joinResult.recorded).toBeUndefined()
    await expect(watch()).rejects.toMatchObject({ code: 'room-unavailable' })
    await hub.close()
  })
})

describe('a score that cannot be written', () => {
  test('[I6] delays no call, and names the messages after a gap', async () => {
    const { log, state } = faultyScores()
    const { clock, join, say, records } = await recordingHub({ scores: log })
    const ada = await join('Ada')
    await records()
    state.fails = true
    await ada.append({ text: 'lost' })
    await records()
    await ada.undo()
    await say(ada, 'kept')
    await ada.append({ text: 'there' })
    state.fails = false
    await clock.advance(5000)
    const found = (await records()).slice(2)
    expect(found.map(short)).toEqual([
      [0, { type: 'gap', lost: 6 }],
      [1, { type: 'message', seq: 1 }],
      [
        1,
        {
          type: 'state',
          participants: [{ sender_id: 'Ada', given: 1, draft: [{ type: 'appended', text: 'there', base: 1 }] }],
        },
      ],
    ])
    expect(JSON.stringify(found)).not.toContain('"text":"lost"')
  })

  test('[I6] keeps at most 1,000 records in memory, and goes on with a state', async () => {
    const { log, state } = faultyScores()
    let release = () => {}
    state.hold = new Promise(resolve => {
      release = resolve
    })
    const { clock, join, records } = await recordingHub({ scores: log })
    const ada = await join('Ada')
    await clock.advance(100)
    for (let nth = 0; nth < 1500; nth++) {
      await ada.append({ text: 'x' })
      await ada.undo()
    }
    release()
    await clock.advance(1000)
    await ada.append({ text: 'after' })
    const found = await records()
    expect(found.filter(({ type }) => type === 'gap')).toEqual([expect.objectContaining({ lost: 2000 })])
    expect(found.length).toBeLessThan(1020)
    expect(stateEventOf(replayed(found)).participants).toMatchObject([{ draft: [{ text: 'after' }] }])
  })
})

describe('a hub that starts again', () => {
  const logs = () => ({ log: memoryLog(), sessions: memorySessions(), scores: memoryScores() })

  test('[I6] after a crash marks a gap, names the messages in it, and tells the state', async () => {
    const durable = logs()
    const first = await recordingHub(durable)
    const ada = await first.join('Ada')
    await ada.append({ text: 'one' })
    await first.records()
    // The crash loses these from the score, and nothing else.
    await ada.push()
    await ada.append({ text: 'two' })
    const next = await recordingHub(durable)
    await next.join('Bo')
    const found = await next.records()
    expect(found.slice(3).map(short)).toEqual([
      [0, { type: 'gap' }],
      [1, { type: 'message', seq: 1 }],
      [
        1,
        {
          type: 'state',
          participants: [{ sender_id: 'Ada', given: 1, draft: [{ type: 'appended', text: 'two', base: 1 }] }],
        },
      ],
      [1, { type: 'joined', sender_id: 'Bo' }],
      [1, { type: 'given', sender_id: 'Bo', seq: 1 }],
    ])
  })

  test('[I6] after a clean end has no gap, and loses nothing', async () => {
    const durable = logs()
    const first = await recordingHub(durable)
    const ada = await first.join('Ada')
    await ada.append({ text: 'one' })
    await first.hub.close()
    const next = await recordingHub(durable)
    await next.hub.loadRoomOf(ada.joinResult.token)
    await next.hub.enter(ada.joinResult.token).undo()
    const types = (await next.records()).map(({ type }) => type)
    expect(types).toEqual(['state', 'joined', 'appended', 'stopped', 'state', 'undone'])
  })

  test('[I6] a room that left memory is recorded again when it opens', async () => {
    const { clock, join, records } = await recordingHub()
    const ada = await join('Ada')
    await ada.leave()
    await clock.advance(70_000)
    await join('Bo')
    const types = (await records()).map(({ type }) => type)
    expect(types).toEqual(['state', 'joined', 'left', 'stopped', 'state', 'joined'])
  })
})

describe('retention', () => {
  const HOUR = 3600_000

  test('[I8] a score is kept for a day, and at most an hour more', async () => {
    const { clock, join, scores, records } = await recordingHub()
    const ada = await join('Ada')
    await ada.append({ text: 'undone text' })
    await ada.undo()
    for (let hour = 0; hour < 23; hour++) {
      await ada.append({ text: 'x' })
      await clock.advance(HOUR)
    }
    const isKept = async () => JSON.stringify(await records()).includes('undone text')
    expect(await isKept()).toBe(true)
    await clock.advance(HOUR)
    await ada.preview()
    expect(await isKept()).toBe(true)
    await clock.advance(HOUR + 1000)
    expect(await isKept()).toBe(false)
    expect((await scores.read('lobby', 0, 1))[0]!.type).toBe('state')
    await clock.advance(60 * HOUR)
    expect((await scores.end('lobby')).record).toBeUndefined()
  })

  test('[I8] a hub that starts trims the scores of rooms that stay closed', async () => {
    const scores = memoryScores()
    const first = await recordingHub({ scores })
    await first.join('Ada')
    await first.hub.close()
    await first.clock.advance(25 * HOUR)
    await recordingHub({ scores, clock: first.clock })
    await first.clock.advance(0)
    expect(await scores.read('lobby', 0, 10)).toEqual([])
  })

  test('[I8] an admin erases a score, with what waits to be written; positions go on', async () => {
    const { hub, join, records } = await recordingHub()
    const ada = await join('Ada')
    await ada.append({ text: 'gone' })
    const { length } = await records()
    await ada.append({ text: 'also gone' })
    expect(await hub.admin.erase('lobby')).toBe(true)
    expect(await records()).toEqual([])
    await ada.reset()
    const found = await records()
    expect(found[0]).toMatchObject({ position: length + 1, type: 'state' })
    expect(found.map(({ type }) => type)).toEqual(['state', 'reset'])
    await hub.admin.erase('lobby')
    expect(await hub.admin.erase('lobby')).toBe(false)
    expect(await hub.admin.erase('never')).toBe(false)
  })
})

test('[I7] a state comes at least every 1,000 records', async () => {
  const { clock, join, records } = await recordingHub()
  const ada = await join('Ada')
  for (let nth = 0; nth < 1100; nth++) {
    await ada.append({ text: 'x' })
    await ada.undo()
    await clock.advance(1)
  }
  const found = await records()
  const states = found.filter(({ type }) => type === 'state')
  expect(states.length).toBeGreaterThanOrEqual(3)
  replayed(found)
  expect(recordedRooms.access!('lobby')).toMatchObject({ recorded: true })
})
