import type { ScoreEvent, ScoreRecord } from '@midsentence/core'
import { segmentsOf } from '@midsentence/core'
import { emptyScore, evolveScore } from '@midsentence/core/hub'
import { prop } from '@midsentence/testing/properties'
import { simulatedScore } from '@midsentence/testing/score/simulated-score'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldScore } from '../model/fold.ts'
import { talkAt } from './talk-at.ts'

const start = Date.parse('2026-11-29T10:00:00.000Z')

/** Records of the events, one second apart. */
const recordsOf = (events: readonly (ScoreEvent & { readonly head?: number })[]): readonly ScoreRecord[] =>
  events.map((event, nth) => ({ head: 0, ...event, position: nth + 1, at: new Date(start + nth * 1000).toISOString() }))

const message = (seq: number, sender_id: string, content: string): ScoreEvent => ({
  type: 'message',
  seq,
  message: { message_id: `m${seq}`, seq, sender_id, content, timestamp: '2026-11-29T09:59:00.000Z' },
})

const Ada = { sender_id: 'Ada' }
const Ben = { sender_id: 'Ben' }
const model = foldScore(
  recordsOf([
    { type: 'joined', ...Ada },
    { type: 'joined', ...Ben },
    { type: 'appended', ...Ada, text: 'I was', base: 0 },
    message(1, 'Ben', 'Look out!'),
    { type: 'given', ...Ben, seq: 1 },
    { type: 'held', ...Ada, why: 'unseen', seq: 1 },
    { type: 'floor.granted', ...Ada, for_ms: 60_000 },
    { type: 'given', ...Ada, seq: 1 },
    { type: 'appended', ...Ada, text: ' going', base: 1 },
    { type: 'undone', ...Ada },
    { type: 'left', ...Ben, away: true },
    { type: 'message', seq: 2 },
    { type: 'pushed', ...Ada, seq: 2 },
    { type: 'floor.ended', ...Ada, why: 'sent' },
    { type: 'left', ...Ben },
    { type: 'message', seq: 3 },
  ]),
)

/** What the room showed at a position, as plain values. */
function shownAt(position: number, as?: string, most = 10) {
  const lane = as === undefined ? undefined : model.lanes.get(as)
  const { messages, from, participants, floor } = talkAt(model, {
    position,
    time: model.times[position - 1]!,
    as: lane,
    most,
  })
  return {
    from,
    said: messages.map(found => found.content ?? found.seq),
    here: participants.map(({ lane, isAway, draft, hold }) =>
      [lane.name, isAway && 'away', ...draft.map(({ text }) => text), hold && 'held'].filter(Boolean).join('|'),
    ),
    floor: floor && [floor.lane.name, floor.seconds],
  }
}

test('a position shows the messages, the drafts and the floor of that moment', () => {
  expect(shownAt(1)).toEqual({ from: 0, said: [], here: ['Ada'], floor: undefined })
  expect(shownAt(4)).toEqual({ from: 0, said: ['Look out!'], here: ['Ada|I was', 'Ben'], floor: undefined })
  expect(shownAt(6)).toMatchObject({ here: ['Ada|I was|held', 'Ben'], floor: undefined })
  expect(shownAt(8)).toMatchObject({ here: ['Ada|I was|held', 'Ben'], floor: ['Ada', 59] })
  expect(shownAt(9)).toMatchObject({ here: ['Ada|I was| going', 'Ben'] })
  expect(shownAt(11)).toMatchObject({ here: ['Ada|I was', 'Ben|away'], floor: ['Ada', 56] })
  // The room has dropped the texts of messages 2 and 3: the draft of 2 is recorded.
  expect(shownAt(12)).toMatchObject({ said: ['Look out!', 2] })
  expect(shownAt(14)).toMatchObject({ said: ['Look out!', 'I was'], here: ['Ada', 'Ben|away'], floor: undefined })
  expect(shownAt(16)).toMatchObject({ said: ['Look out!', 'I was', 3], here: ['Ada'] })
  expect(shownAt(16, undefined, 2)).toMatchObject({ from: 1, said: ['I was', 3] })
})

test('as a participant, a position shows what it had been given, and its own draft', () => {
  expect(shownAt(4, 'Ada')).toMatchObject({ said: [], here: ['Ada|I was', 'Ben'] })
  expect(shownAt(8, 'Ada')).toMatchObject({ said: ['Look out!'], floor: ['Ada', 59] })
  expect(shownAt(4, 'Ben')).toMatchObject({ said: ['Look out!'], here: ['Ada', 'Ben'] })
  expect(shownAt(14, 'Ben')).toMatchObject({ said: ['Look out!'] })
})

prop(
  'at each position, presence, drafts and floor are those of evolveScore, and nothing later is shown',
  [fc.record({ records: fc.integer({ min: 1, max: 80 }), seed: fc.integer(), participants: fc.constant(3) })],
  options => {
    const records = simulatedScore(options)
    const model = foldScore(records)
    let state = emptyScore
    for (const record of records) {
      state = evolveScore(state, record)
      const { position } = record
      const shown = talkAt(model, { position, time: Date.parse(record.at), as: undefined, most: 1000 })
      const sent = records.filter(each => each.type === 'message' && each.position <= position)
      expect(new Set(shown.messages.map(({ seq }) => seq))).toEqual(
        new Set(sent.map(each => 'seq' in each && each.seq)),
      )
      expect(shown.floor?.lane.name).toBe(state.floor)
      expect(
        new Map(
          shown.participants.map(({ lane, isAway, draft }) => [lane.name, [isAway, draft.map(({ text }) => text)]]),
        ),
      ).toEqual(
        new Map(
          [...state.lanes].map(([name, { away, draft }]) => [name, [away, segmentsOf(draft).map(({ text }) => text)]]),
        ),
      )
    }
  },
)
