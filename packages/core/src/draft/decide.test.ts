import { anyText, draftText, prop } from '@midsentence/testing/properties'
import { byTier } from '@midsentence/testing/tier'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { append, type DraftChange, type DraftLimits, defaultLimits, reset, undo } from './decide.ts'
import { type Draft, emptyDraft, segmentsOf, textOf } from './evolve.ts'
import { suffixOf } from './suffix.ts'

const tight: DraftLimits = { segment: 9, draft: 40, segments: 2000 }
const limits = fc.constantFrom(
  tight,
  { ...tight, segment: 20, draft: 20 },
  { ...tight, segment: 60, draft: 35 },
  { ...tight, segments: 3 },
  defaultLimits,
)

type Step = { readonly append: string; readonly base: number } | 'undo' | 'reset'
const steps = (text: fc.Arbitrary<string>): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ append: text, base: fc.nat(9) }) },
      { weight: 3, arbitrary: fc.constant<Step>('undo') },
      { weight: 1, arbitrary: fc.constant<Step>('reset') },
    ),
    { maxLength: 20 },
  )

function take(draft: Draft, step: Step, within: DraftLimits): DraftChange {
  if (step === 'undo') return undo(draft)
  if (step === 'reset') return reset(draft)
  return append(draft, step.append, step.base, within)
}

const anyDraft = fc.tuple(steps(anyText()), limits).map(([taken, within]) => ({
  draft: taken.reduce((draft, step) => take(draft, step, within).draft, emptyDraft),
  within,
}))

prop('[D1] the text is the remaining segments, concatenated', [steps(draftText(4)), limits], (taken, within) => {
  let draft = emptyDraft
  const surviving: { text: string; base: number }[] = []
  for (const step of taken) {
    const change = take(draft, step, within)
    if (step === 'reset') surviving.length = 0
    else if (step === 'undo') surviving.pop()
    else if (change.status !== 0) {
      surviving.push({ text: textOf(change.draft).slice(textOf(draft).length), base: step.base })
    }
    draft = change.draft
    expect(textOf(draft)).toBe(surviving.map(({ text }) => text).join(''))
    expect(segmentsOf(draft).map(({ text, base }) => ({ text, base }))).toEqual(surviving)
    expect(draft.segments).toBe(surviving.length)
    expect(draft.length).toBe([...textOf(draft)].length)
    expect(change.suffix).toBe(suffixOf(draft))
  }
})

prop('[D2] undo reverts append, also a cut append', [anyDraft, anyText()], ({ draft, within }, text) => {
  const appended = append(draft, text, 3, within)
  if (appended.status === 0) return expect(appended.draft).toBe(draft)
  const undone = undo(appended.draft)
  expect(undone.status).toBe(1)
  expect(undone.draft).toEqual(draft)
  expect(undone.suffix).toBe(suffixOf(draft))
})

prop(
  '[D3] n appends and k undos leave the first n - k',
  [
    fc.array(
      draftText(3).filter(text => text !== ''),
      { minLength: 1, maxLength: 12 },
    ),
    fc.nat(12),
  ],
  (texts, undos) => {
    const drafts = [emptyDraft]
    for (const text of texts) drafts.push(append(drafts.at(-1)!, text).draft)
    let draft = drafts.at(-1)!
    for (let i = 0; i < undos; i++) draft = undo(draft).draft
    expect(textOf(draft)).toBe(textOf(drafts[Math.max(0, texts.length - undos)]!))
    expect(draft).toEqual(drafts[Math.max(0, texts.length - undos)])
  },
)

prop('[D4] after reset the draft is empty and undo returns 0', [anyDraft], ({ draft }) => {
  const after = reset(draft)
  expect(after).toMatchObject({ status: 1, suffix: '', draft: { segments: 0, length: 0 } })
  expect(after.events).toEqual(draft.segments > 0 ? [{ type: 'reset' }] : [])
  expect(textOf(after.draft)).toBe('')
  expect(undo(after.draft)).toEqual({ draft: after.draft, events: [], status: 0, suffix: '' })
})

prop(
  '[D5] an append commits whole, cut or nothing, and its status tells which',
  [anyDraft, anyText(), fc.nat(9)],
  ({ draft, within }, text, base) => {
    const change = append(draft, text, base, within)
    const formed = text.toWellFormed()
    const kept = textOf(change.draft).slice(textOf(draft).length)
    expect(change.accepted).toBe([...kept].length)
    expect(change.accepted + change.dropped).toBe([...formed].length)
    expect(change.draft.length).toBeLessThanOrEqual(within.draft)
    expect(formed.startsWith(kept)).toBe(true)
    expect(change.status).toBe(kept === '' ? 0 : kept === formed ? 1 : 2)
    expect(change.events).toEqual(kept === '' ? [] : [{ type: 'appended', text: kept, base }])
  },
)

prop(
  '[D5] appending the dropped rest repeatedly yields the whole text',
  [draftText(12).filter(text => text !== '')],
  text => {
    const formed = text.toWellFormed()
    let draft = emptyDraft
    let rest = formed
    while (rest !== '') {
      const { draft: next, dropped, status } = append(draft, rest, 0, { ...tight, draft: 10_000 })
      expect(status).toBe(dropped > 0 ? 2 : 1)
      rest = [...rest].slice([...rest].length - dropped).join('')
      draft = next
    }
    expect(textOf(draft)).toBe(formed)
  },
)

test('[D5] the default limits are 1,000 per segment and 20,000 per draft', () => {
  const cut = append(emptyDraft, 'x'.repeat(1001))
  expect(cut).toMatchObject({ status: 2, accepted: 1000, dropped: 1 })
  let draft = emptyDraft
  for (let i = 0; i < 20; i++) draft = append(draft, 'x'.repeat(1000)).draft
  expect(append(draft, 'y')).toMatchObject({ status: 0, accepted: 0, dropped: 1, events: [] })
  expect(append(undo(draft).draft, 'y'.repeat(1000))).toMatchObject({ status: 1, accepted: 1000 })
})

test('[T3] a draft of 2,000 segments accepts no more, and loses nothing', () => {
  let draft = emptyDraft
  for (let i = 0; i < 2000; i++) draft = append(draft, 'x').draft
  expect(append(draft, 'y')).toMatchObject({ status: 0, accepted: 0, dropped: 1, events: [] })
  expect(append(draft, 'y').draft).toBe(draft)
  expect(append(undo(draft).draft, 'y')).toMatchObject({ status: 1, accepted: 1 })
  // Without the bound it does.
  expect(append(draft, 'y', 0, { ...defaultLimits, segments: 1e9 })).toMatchObject({ status: 1, accepted: 1 })
})

test('[D5] the last append that fits is cut to whole clusters', () => {
  const { draft } = append(emptyDraft, 'x'.repeat(38), 0, { ...tight, segment: 40 })
  expect(append(draft, 'a👍🏽', 0, tight)).toMatchObject({ status: 2, accepted: 1, dropped: 2 })
  expect(append(draft, 'e\u0301\u0301', 0, tight)).toMatchObject({ status: 0, accepted: 0, dropped: 3, draft })
})

test('[D5] an empty append has status 0 and returns the suffix', () => {
  const { draft } = append(emptyDraft, 'hello')
  expect(append(draft, '')).toEqual({ draft, events: [], status: 0, suffix: 'hello', accepted: 0, dropped: 0 })
})

test('[D5] a draft above a lowered limit accepts nothing and loses nothing', () => {
  const { draft } = append(emptyDraft, 'x'.repeat(100))
  expect(append(draft, 'y', 0, tight)).toMatchObject({ status: 0, draft, dropped: 1 })
})

test('[D2] append does not change its input', () => {
  const { draft } = append(emptyDraft, 'one ')
  append(draft, 'two')
  append(draft, 'three')
  expect(textOf(draft)).toBe('one ')
  expect(textOf(append(draft, 'four').draft)).toBe('one four')
})

const many = byTier(20_000, 100_000)

test(`[D3] ${many} segments and as many undos`, () => {
  let draft = emptyDraft
  for (let i = 0; i < many; i++) draft = append(draft, 'x', i, { segment: 1000, draft: many, segments: many }).draft
  expect(draft).toMatchObject({ segments: many, length: many })
  expect(textOf(draft)).toBe('x'.repeat(many))
  for (let i = 0; i < many; i++) draft = undo(draft).draft
  expect(draft).toEqual(emptyDraft)
})
