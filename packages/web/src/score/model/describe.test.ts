import type { ScoreEvent, ScoreRecord } from '@midsentence/core'
import { prop } from '@midsentence/testing/properties'
import { simulatedScore } from '@midsentence/testing/score/simulated-score'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeItem, type Sentence, storyOf } from './describe.ts'
import { foldScore } from './fold.ts'

const at = '2026-11-29T10:00:00.000Z'

/** Gives each event its place. */
function recordsOf(events: readonly ScoreEvent[]): readonly ScoreRecord[] {
  let head = 0
  return events.map((event, nth) => {
    if (event.type === 'message') head = event.seq
    return { position: nth + 1, at, head, ...event }
  })
}

const textOf = (sentence: Sentence): string =>
  sentence
    .map(phrase => (typeof phrase === 'string' ? phrase : 'name' in phrase ? phrase.name : `"${phrase.quote}"`))
    .join('')

const message = (seq: number, sender_id: string, content: string, base: number): ScoreEvent => ({
  type: 'message',
  seq,
  message: { message_id: `m${seq}`, sender_id, content, timestamp: at, seq, base },
})

const heldAndRevised = recordsOf([
  { type: 'joined', sender_id: 'Ada' },
  { type: 'joined', sender_id: 'Ben' },
  { type: 'appended', sender_id: 'Ada', text: 'I was about', base: 0 },
  { type: 'appended', sender_id: 'Ben', text: 'Look!', base: 0 },
  message(1, 'Ben', 'Look!', 0),
  { type: 'pushed', sender_id: 'Ben', seq: 1 },
  { type: 'appended', sender_id: 'Ada', text: ' to say', base: 0 },
  { type: 'held', sender_id: 'Ada', why: 'unseen', seq: 1 },
  { type: 'given', sender_id: 'Ada', seq: 1 },
  { type: 'undone', sender_id: 'Ada' },
  { type: 'appended', sender_id: 'Ada', text: ' to look.', base: 1 },
  message(2, 'Ada', 'I was about to look.', 1),
  { type: 'pushed', sender_id: 'Ada', seq: 2 },
])

test('each item is a sentence', () => {
  const { items, crossings, last } = foldScore(heldAndRevised)
  expect(crossings.map(({ seq }) => seq)).toEqual([1])
  expect(items.map(item => textOf(describeItem(item, last)))).toEqual([
    'Ada joined.',
    'Ben joined.',
    'Ada wrote, before any message: "I was about"',
    'Ben wrote, before any message: "Look!"',
    'Ben sent #1: "Look!"',
    'Ada wrote, before any message: " to say"',
    'A push of Ada was held: it had not read #1 yet.',
    'Ada took back: " to say"',
    'Ada wrote, having read up to #1: " to look."',
    'Ada sent #2: "I was about to look."',
  ])
})

test('a block tells what its author had read, what it had not, and what became of it', () => {
  const timeline = foldScore(heldAndRevised)
  const [first, second, third] = timeline.lanes.get('Ada')!.blocks
  const told = (block: typeof first, position = timeline.last) => {
    const { read, unread, crossing, holds, outcome, message } = storyOf(timeline, block!, position)
    const seqs = (messages: readonly { readonly seq: number }[]) => messages.map(({ seq }) => seq)
    return [read?.seq, seqs(unread), seqs(crossing), holds.length, textOf(outcome), message?.seq]
  }
  expect(told(first)).toEqual([undefined, [], [1], 1, 'It was sent in #2.', 2])
  expect(told(second)).toEqual([undefined, [1], [], 1, 'Its author took it back. It was never sent.', undefined])
  expect(told(third)).toEqual([1, [], [], 0, 'It was sent in #2.', 2])
  const draft = 'It is still in the draft: only its author can send it.'
  expect(told(first, 4)).toEqual([undefined, [], [], 0, draft, undefined])
  expect(told(first, 5)).toEqual([undefined, [], [1], 0, draft, undefined])
})

prop('a story at a position names nothing that came later', [fc.integer(), fc.nat()], (seed, cut) => {
  const records = simulatedScore({ records: 100, seed })
  const position = 1 + (cut % records.length)
  const [all, then] = [foldScore(records), foldScore(records.slice(0, position))]
  const plain = (timeline: typeof all) =>
    timeline.items.flatMap(item => {
      if (item.position > position) return []
      const sentence = textOf(describeItem(item, position))
      if (item.kind !== 'block') return [sentence]
      const { read, unread, crossing, holds, outcome, message } = storyOf(timeline, item, position)
      const indexes = [read, ...unread, ...crossing, ...holds, message].map(each => each?.index)
      return [sentence, textOf(outcome), indexes]
    })
  expect(plain(all)).toEqual(plain(then))
})
