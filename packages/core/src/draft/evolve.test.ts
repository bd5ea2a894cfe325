import { draftText, prop } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { append, type DraftLimits, reset, undo } from './decide.ts'
import type { DraftEvent } from './events.ts'
import { type Draft, emptyDraft, evolve, segmentsOf, textOf } from './evolve.ts'
import { suffixOf } from './suffix.ts'
import { codePoints } from './truncate.ts'

const fold = (events: readonly DraftEvent[]): Draft => events.reduce(evolve, emptyDraft)

const doings = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ text: draftText(4), base: fc.nat(9) }) },
    { weight: 3, arbitrary: fc.constant('undo' as const) },
    { weight: 1, arbitrary: fc.constant('reset' as const) },
    { weight: 1, arbitrary: fc.constant('push' as const) },
  ),
  { maxLength: 24 },
)

const events: fc.Arbitrary<DraftEvent[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ type: fc.constant('appended' as const), text: draftText(3), base: fc.nat(9) }),
    },
    { weight: 3, arbitrary: fc.constant<DraftEvent>({ type: 'undone' }) },
    { weight: 1, arbitrary: fc.constant<DraftEvent>({ type: 'reset' }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('pushed' as const), seq: fc.nat() }) },
  ),
  { maxLength: 24 },
)

prop('[E1] folding the events yields the draft of the actions', [doings], done => {
  const limits: DraftLimits = { segment: 12, draft: 40, segments: 2000 }
  const log: DraftEvent[] = []
  let draft = emptyDraft
  for (const doing of done) {
    if (doing === 'push') {
      if (draft.head) log.push({ type: 'pushed', seq: log.length })
      draft = emptyDraft
      continue
    }
    const change =
      doing === 'undo' ? undo(draft) : doing === 'reset' ? reset(draft) : append(draft, doing.text, doing.base, limits)
    log.push(...change.events)
    draft = change.draft
    expect(fold(log)).toEqual(draft)
  }
  expect(fold(JSON.parse(JSON.stringify(log)))).toEqual(draft)
})

prop('[E1] every prefix of any list of events is a valid draft', [events], log => {
  for (let end = 0; end <= log.length; end++) {
    const draft = fold(log.slice(0, end))
    const segments = segmentsOf(draft)
    expect(draft.segments).toBe(segments.length)
    expect(draft.length).toBe(segments.reduce((length, { text }) => length + codePoints(text), 0))
    expect(textOf(draft)).toBe(segments.map(({ text }) => text).join(''))
    if (draft.length <= 80) expect(suffixOf(draft)).toBe(textOf(draft))
  }
})

prop('[E1] the events of any text survive JSON', [draftText()], text => {
  const { events: log } = append(emptyDraft, text, 7)
  expect(JSON.parse(JSON.stringify(log))).toEqual(log)
})

test('[E1] an undo of an empty draft leaves it empty; after a push or reset there is nothing to undo', () => {
  const appended: DraftEvent = { type: 'appended', text: 'said', base: 1 }
  expect(fold([{ type: 'undone' }])).toEqual(emptyDraft)
  expect(fold([appended, { type: 'pushed', seq: 2 }, { type: 'undone' }])).toEqual(emptyDraft)
  expect(fold([appended, { type: 'reset' }, { type: 'undone' }])).toEqual(emptyDraft)
})

test('[D7] [E1] a segment keeps the base of its author', () => {
  const draft = fold([
    { type: 'appended', text: 'a', base: 1 },
    { type: 'appended', text: 'b', base: 4 },
    { type: 'undone' },
    { type: 'appended', text: 'c', base: 5 },
  ])
  expect(segmentsOf(draft)).toMatchObject([
    { text: 'a', base: 1 },
    { text: 'c', base: 5 },
  ])
})
