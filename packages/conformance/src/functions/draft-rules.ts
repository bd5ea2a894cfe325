import type { append, Draft, emptyDraft, evolve, reset, textOf, undo } from '@midsentence/core'
import fc from 'fast-check'
import { must, same } from '../kit/assertions.ts'
import type { RuleId } from '../kit/rules.ts'
import type { RunOptions } from '../kit/run-options.ts'
import { texts, textsAround } from '../kit/texts.ts'
import { segmentsTouched } from './segments-touched.ts'

/** The pure functions of a draft. */
export interface DraftFunctions {
  readonly emptyDraft: typeof emptyDraft
  readonly append: typeof append
  readonly undo: typeof undo
  readonly reset: typeof reset
  readonly evolve: typeof evolve
  readonly textOf: typeof textOf
}

/** A rule of the draft functions: throws if they break it. */
export interface DraftRule {
  readonly id: RuleId
  run(draft: DraftFunctions, options?: RunOptions): void
}

const limits = { segment: 10, draft: 40, segments: 7 }
const clusters = new Intl.Segmenter('und', { granularity: 'grapheme' })
const count = (text: string) => [...text].length
const boundaries = (text: string) => new Set([...clusters.segment(text)].map(({ index }) => index).concat(text.length))
const edgy = fc.oneof(texts(), textsAround(limits.segment))
const drafts = fc.array(fc.oneof({ weight: 4, arbitrary: edgy }, { weight: 1, arbitrary: fc.constant(undefined) }), {
  maxLength: 12,
})

/** Appends each text and undoes for each `undefined`. Returns the draft and the surviving texts. */
function write(on: DraftFunctions, moves: readonly (string | undefined)[], within = limits) {
  let draft: Draft = on.emptyDraft
  const kept: string[] = []
  for (const move of moves) {
    const change = move === undefined ? on.undo(draft) : on.append(draft, move, 0, within)
    draft = change.draft
    if (move === undefined) kept.pop()
    else for (const event of change.events) if (event.type === 'appended') kept.push(event.text)
  }
  return { draft, kept }
}

const draftRule = <T>(
  id: RuleId,
  arbitrary: fc.Arbitrary<T>,
  check: (on: DraftFunctions, value: T) => void,
): DraftRule => ({
  id,
  run: (on, { runs = 1000, seed, shrink = true } = {}) =>
    fc.assert(
      fc.property(arbitrary, value => check(on, value)),
      {
        numRuns: runs,
        endOnFailure: !shrink,
        ...(seed !== undefined && { seed }),
      },
    ),
})

const wide = { segment: 10, draft: 10_000, segments: 1000 }

export const draftRules: readonly DraftRule[] = [
  draftRule('D1', drafts, (on, moves) => {
    const { draft, kept } = write(on, moves)
    same(on.textOf(draft), kept.join(''), 'a draft is not its surviving segments, joined')
    same([draft.segments, draft.length], [kept.length, count(kept.join(''))], 'a draft has wrong counts')
  }),
  draftRule('D2', fc.tuple(drafts, edgy), (on, [moves, text]) => {
    const { draft } = write(on, moves)
    const change = on.append(draft, text, 0, limits)
    if (change.status === 0) return same(change.draft, draft, 'an append without effect changed the draft')
    same(on.undo(change.draft).draft, draft, 'an append and its undo did not cancel out')
  }),
  draftRule('D3', fc.tuple(fc.array(edgy.filter(Boolean), { maxLength: 8 }), fc.nat(8)), (on, [all, k]) => {
    const { draft, kept } = write(on, [...all, ...Array<undefined>(k)], wide)
    same(kept.length, Math.max(0, all.length - k), 'an undo did not remove exactly one segment')
    same(
      on.textOf(draft),
      on.textOf(write(on, all.slice(0, kept.length), wide).draft),
      'an undo did not remove the newest segment',
    )
  }),
  draftRule('D4', drafts, (on, moves) => {
    const { draft } = write(on, moves)
    const change = on.reset(draft)
    const pushed = on.evolve(draft, { type: 'pushed', seq: 1 })
    must(change.status === 1, 'a reset did not answer with status 1')
    for (const empty of [change.draft, pushed]) {
      same([on.textOf(empty), empty.segments, empty.length], ['', 0, 0], 'a draft is not empty after a reset or push')
      same([on.undo(empty).status, on.textOf(on.undo(empty).draft)], [0, ''], 'an undo reached across a reset or push')
    }
  }),
  draftRule('D5', fc.tuple(drafts, edgy), (on, [moves, text]) => {
    const { draft } = write(on, moves)
    const { status, accepted, dropped, events, draft: after } = on.append(draft, text, 0, limits)
    same(accepted + dropped, count(text), 'accepted and dropped do not add up to the text')
    same(after.length - draft.length, accepted, 'accepted is not the length of the appended text')
    same(status, accepted === 0 ? 0 : dropped > 0 ? 2 : 1, 'an append has a wrong status')
    same(events.length, accepted === 0 ? 0 : 1, 'an append did not make exactly one event, or made one without effect')
  }),
  draftRule('T1', edgy, (on, text) => {
    const kept = on.textOf(on.append(on.emptyDraft, text, 0, limits).draft)
    must(text.toWellFormed().startsWith(kept), 'the appended text is not a prefix', { text, kept })
  }),
  draftRule('T2', edgy, (on, text) => {
    const kept = on.textOf(on.append(on.emptyDraft, text, 0, limits).draft)
    const whole = text.toWellFormed()
    const fits = (end: number) => count(whole.slice(0, end)) <= limits.segment
    must(fits(kept.length), 'a segment is longer than its limit', { text, kept })
    const last = Math.max(...[...boundaries(whole)].filter(fits))
    const expected = last > 0 ? whole.slice(0, last) : [...whole].slice(0, limits.segment).join('')
    same(kept, expected, 'a cut fell not on the last boundary that fits')
  }),
  draftRule('T3', drafts, (on, moves) => {
    const { draft } = write(on, moves)
    must(count(on.textOf(draft)) <= limits.draft, 'a draft is longer than its maximum', on.textOf(draft))
    must(draft.segments <= limits.segments, 'a draft has more segments than its maximum', draft.segments)
    if (draft.segments < limits.segments) return
    const { status, accepted, dropped, draft: after } = on.append(draft, 'one more', 0, limits)
    same([status, accepted, dropped], [0, 0, 8], 'a draft that has all its segments took text')
    same(after, draft, 'an append without effect changed the draft')
  }),
  draftRule('T4', texts({ maxLength: 8 }), (on, text) => {
    const kept = on.textOf(on.append(on.emptyDraft, text, 0, wide).draft)
    must(kept.isWellFormed(), 'the appended text is not well-formed', kept)
    same(kept, text.toWellFormed().slice(0, kept.length), 'more than lone surrogates was changed')
  }),
  draftRule('T5', fc.constantFrom('a', '\u{1f1e9}\u{1f1ea}', '\u{1f469}\u200d\u{1f467}', 'e\u0301'), (on, cluster) => {
    const [near, far] = [200, 2000].map(times =>
      segmentsTouched(() => on.append(on.emptyDraft, cluster.repeat(times), 0, wide)),
    )
    must(far! <= near!, `an append of a text ten times as long examined ${far} clusters instead of ${near}`)
  }),
  draftRule('S1', drafts, (on, moves) => {
    const { draft } = write(on, moves, { segment: 60, draft: 10_000, segments: 1000 })
    const { suffix } = on.append(draft, 'then', 0, wide)
    must(
      `${on.textOf(draft)}then`.endsWith(suffix) && suffix.endsWith('then'),
      'the suffix is not the end of the draft',
      suffix,
    )
  }),
  draftRule('S2', drafts, (on, moves) => {
    const { draft } = write(on, moves, { segment: 60, draft: 10_000, segments: 1000 })
    const { suffix } = on.append(draft, '.', 0, wide)
    const text = `${on.textOf(draft)}.`
    must(count(suffix) <= 80, 'a suffix is longer than 80', suffix)
    must(boundaries(text).has(text.length - suffix.length), 'a suffix begins within a cluster', suffix)
    if (count(text) <= 80) same(suffix, text, 'the suffix of a short draft is not the whole draft')
  }),
  draftRule('E1', drafts, (on, moves) => {
    let draft: Draft = on.emptyDraft
    let replayed: Draft = on.emptyDraft
    for (const move of moves) {
      const change =
        move === undefined ? on.undo(draft) : move === ' ' ? on.reset(draft) : on.append(draft, move, 0, limits)
      draft = change.draft
      for (const event of change.events) replayed = on.evolve(replayed, JSON.parse(JSON.stringify(event)))
      same(replayed, draft, 'replaying the events gives another draft')
    }
  }),
]
