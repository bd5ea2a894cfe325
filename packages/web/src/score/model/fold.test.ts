import { type ScoreRecord, type ScoreState, segmentsOf } from '@midsentence/core'
import { emptyScore, evolveScore } from '@midsentence/core/hub'
import { prop, slowRuns } from '@midsentence/testing/properties'
import { simulatedScore } from '@midsentence/testing/score/simulated-score'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldScore, ScoreFold } from './fold.ts'
import type { Lane, ScoreTimeline, TimelineItem } from './model.ts'
import { draftAt, floorAt, givenAt, isVisibleTo, itemsAt, messagesAt, presenceAt, stateAt } from './moment.ts'

const anyScore = fc
  .record({
    records: fc.integer({ min: 1, max: 120 }),
    seed: fc.integer(),
    participants: fc.integer({ min: 1, max: 4 }),
  })
  .map(options => simulatedScore(options))

/** Everything of a model at a position, as plain values. */
function plainAt(model: ScoreTimeline, position: number) {
  const items = model.items.slice(0, itemsAt(model, position)).map(item => plainItem(item, position))
  const lanes = [...model.lanes.values()]
    .filter(({ from }) => from <= position)
    .map(lane => ({ name: lane.name, ...laneAt(lane, position) }))
  return { items, lanes, floor: floorAt(model, position)?.lane.name, messages: messagesAt(model, position) }
}

const laneAt = (lane: Lane, position: number) => ({
  draft: draftAt(lane, position).map(({ text, base }) => ({ text, base })),
  given: givenAt(lane, position),
  isHere: presenceAt(lane, position) !== undefined,
  isAway: presenceAt(lane, position)?.isAway,
})

const plainItem = (item: TimelineItem, position: number) =>
  item.kind === 'block' ? [item.index, item.text, stateAt(item, position)] : [item.index, item.kind]

const isOfDraft = (type: string) => ['undone', 'reset', 'held'].includes(type)

/** What core's fold says, in the same form. */
const expectedLanes = ({ lanes }: ScoreState) =>
  new Map(
    [...lanes].map(([name, { draft, given, away }]) => [
      name,
      { draft: segmentsOf(draft).map(({ text, base }) => ({ text, base })), given, isHere: true, isAway: away },
    ]),
  )

prop(
  'at each position, drafts, reads, presence and floor are those of evolveScore',
  [anyScore],
  records => {
    const model = foldScore(records)
    let state = emptyScore
    for (const record of records) {
      state = evolveScore(state, record)
      const here = [...model.lanes.values()].filter(lane => presenceAt(lane, record.position))
      const found = new Map(here.map(lane => [lane.name, laneAt(lane, record.position)]))
      expect(found).toEqual(expectedLanes(state))
      expect(floorAt(model, record.position)?.lane.name).toBe(state.floor)
    }
  },
  slowRuns,
)

prop('a model at an earlier position is the model of the records up to it', [anyScore, fc.nat()], (records, cut) => {
  const position = 1 + (cut % records.length)
  const earlier = foldScore(records.slice(0, position))
  expect(plainAt(foldScore(records), position)).toEqual(plainAt(earlier, position))
})

prop('groups and repeated records change nothing', [anyScore, fc.array(fc.nat(20))], (records, sizes) => {
  const fold = new ScoreFold()
  let from = 0
  for (const size of [...sizes, records.length]) {
    fold.add(records.slice(Math.max(0, from - 3), from + size))
    from += size
  }
  expect(plainAt(fold, fold.last)).toEqual(plainAt(foldScore(records), records.length))
  expect(fold.positions).toEqual(records.map(({ position }) => position))
})

prop('each push joins the segments that were in the draft', [anyScore], records => {
  const model = foldScore(records)
  for (const message of model.messages) {
    if (message.joinedAt === undefined) continue
    expect(message.blocks).toEqual(draftAt(message.lane!, message.joinedAt - 1))
    for (const block of message.blocks) expect(block.end).toMatchObject({ how: 'pushed', seq: message.seq })
    if (message.content !== undefined) expect(message.blocks.map(({ text }) => text).join('')).toBe(message.content)
  }
})

prop('a participant sees its own lane and what it was given, no draft of another', [anyScore], records => {
  const model = foldScore(records)
  for (const lane of model.lanes.values()) {
    for (const item of model.items) {
      const isVisible = isVisibleTo(lane, item, model.last)
      if (item.kind === 'block') expect(isVisible).toBe(item.lane === lane)
      if (item.kind === 'mark') expect(isVisible).toBe(!isOfDraft(item.type) || item.lane === lane)
      if (item.kind === 'message' && item.lane !== lane) expect(isVisible).toBe(item.seq <= givenAt(lane, model.last))
    }
  }
})

const at = '2026-11-29T10:00:00.000Z'
const place = (position: number, head = 0) => ({ position, at, head })

test('what is lost in a gap is unknown, and what a state shows is kept', () => {
  const records: ScoreRecord[] = [
    { ...place(1), type: 'joined', sender_id: 'Ada' },
    { ...place(2), type: 'appended', sender_id: 'Ada', text: 'one', base: 0 },
    { ...place(3), type: 'appended', sender_id: 'Ada', text: 'two', base: 0 },
    { ...place(4), type: 'gap', lost: 7 },
    {
      ...place(5),
      type: 'state',
      participants: [
        {
          sender_id: 'Ada',
          given: 0,
          draft: [
            { type: 'appended', text: 'one', base: 0 },
            { type: 'appended', text: 'three', base: 0 },
          ],
        },
        {
          sender_id: 'Ben',
          given: 0,
          draft: [
            { type: 'appended', text: 'four', base: 0 },
            { type: 'appended', text: 'five', base: 0 },
          ],
        },
      ],
    },
  ]
  const model = foldScore(records)
  expect(
    model.items.map(item => (item.kind === 'block' ? [item.text, stateAt(item, 5), item.isEarlier] : item.kind)),
  ).toEqual([
    'mark',
    ['one', 'draft', false],
    ['two', 'unknown', false],
    'mark',
    ['three', 'draft', true],
    ['four', 'draft', true],
    ['five', 'draft', true],
  ])
})

test('a message that comes while another writes crosses its draft', () => {
  const message = { message_id: 'm', sender_id: 'Ben', content: 'hi', timestamp: at, seq: 1 }
  const before: ScoreRecord[] = [
    { ...place(1), type: 'joined', sender_id: 'Ada' },
    { ...place(2), type: 'appended', sender_id: 'Ada', text: 'I was', base: 0 },
    { ...place(3, 1), type: 'message', seq: 1, message },
    { ...place(4, 1), type: 'undone', sender_id: 'Ada' },
    { ...place(5, 2), type: 'message', seq: 2, message: { ...message, seq: 2 } },
  ]
  expect(foldScore(before).crossings.map(({ seq }) => seq)).toEqual([1])
})

test('folding a long draft is linear', () => {
  const records: ScoreRecord[] = [{ ...place(1), type: 'joined', sender_id: 'Ada' }]
  for (let nth = 2; nth < 30_000; nth++)
    records.push({ ...place(nth), type: 'appended', sender_id: 'Ada', text: 'x', base: 0 })
  const model = foldScore(records)
  expect(draftAt(model.lanes.get('Ada')!, 100).length).toBe(99)
})
