import fc from 'fast-check'
import { must, same } from '../../kit/assertions.ts'
import { texts, textsAround } from '../../kit/texts.ts'
import type { Caller } from '../caller.ts'
import { type ServerRule, type ServerScenario, serverProperty, serverRule } from '../server-rule.ts'

const SEGMENT = 1000
const MAXIMUM = 20_000
const SUFFIX = 80

const clusters = new Intl.Segmenter('und', { granularity: 'grapheme' })
const count = (text: string): number => [...text].length
/** Where clusters of `text` begin and end, but for a run of x at its beginning: to walk a long text takes its time. */
function boundaries(text: string): ReadonlySet<number> {
  const plain = Math.max(0, (/^x*/.exec(text)?.[0].length ?? 0) - 1)
  const found = [...clusters.segment(text.slice(plain))].map(({ index }) => plain + index)
  return new Set([0, ...found, text.length])
}

/** Where a conjunct ends, versions of Unicode do not agree: a server may live by another one than the kit. */
const agreed = (text: string): string => text.replaceAll('\u094d', '')
const pieces = texts({ maxLength: 12 }).map(agreed)
const around = textsAround(SEGMENT).map(agreed)
const edgy = fc.oneof({ weight: 2, arbitrary: pieces }, { weight: 1, arbitrary: around })
const parts = fc.array(pieces, { minLength: 1, maxLength: 6 })
const written = parts.map(all => all.map(part => `${part}.`))

const draftOf = async (ada: Caller): Promise<string> => (await ada.call('preview')).draft ?? ''
const append = (ada: Caller, text: string) => ada.call('append', { text })

/** Ada, with a draft of `texts`. */
async function writing({ join }: ServerScenario, texts: readonly string[]): Promise<Caller> {
  const ada = await join('Ada')
  for (const text of texts) await append(ada, text)
  return ada
}

async function cancelOut(
  scenario: ServerScenario,
  [before, text]: readonly [readonly string[], string],
): Promise<void> {
  const ada = await writing(scenario, before)
  const { draft, segments, length } = await ada.call('preview')
  const { status } = await append(ada, text)
  if (status > 0) await ada.call('undo')
  const after = await ada.call('preview')
  same(
    [after.draft, after.segments, after.length],
    [draft, segments, length],
    'an append and its undo did not cancel out',
  )
}

async function newestFirst(scenario: ServerScenario, [all, k]: readonly [readonly string[], number]): Promise<void> {
  const ada = await writing(scenario, all)
  const statuses: number[] = []
  for (let undone = 0; undone < k; undone++) statuses.push((await ada.call('undo')).status)
  const left = all.slice(0, Math.max(0, all.length - k)).join('')
  same(await draftOf(ada), left.toWellFormed(), 'undo did not take the newest segments, one each')
  same(
    statuses,
    statuses.map((_, at) => (at < all.length ? 1 : 0)),
    'an undo said not whether there was something to take back',
  )
}

async function emptied(scenario: ServerScenario, all: readonly string[]): Promise<void> {
  const ada = await writing(scenario, all)
  const empty = async (event: string) => {
    same(await draftOf(ada), '', `a draft is not empty after ${event}`)
    const { status, suffix } = await ada.call('undo')
    same([status, suffix, await draftOf(ada)], [0, '', ''], `an undo reached across ${event}`)
  }
  const resets = [await ada.call('reset'), await ada.call('reset')]
  same(
    resets.map(({ status, suffix }) => [status, suffix]),
    [
      [1, ''],
      [1, ''],
    ],
    'a reset did not say 1',
  )
  await empty('a reset')
  await append(ada, 'sent')
  must((await ada.call('push')).status === 1, 'a push with nothing unseen was not sent')
  await empty('a push that was sent')
}

async function saysWhatBecame(scenario: ServerScenario, text: string): Promise<void> {
  const ada = await writing(scenario, ['Before: '])
  const before = count(await draftOf(ada))
  const { status, accepted = -1, dropped = -1 } = await append(ada, text)
  same(accepted + dropped, count(text), 'accepted and dropped are not the whole text')
  same(count(await draftOf(ada)) - before, accepted, 'accepted is not what was kept')
  same(status, accepted === 0 ? 0 : dropped > 0 ? 2 : 1, 'an append said not what became of it')
}

async function keepsAPrefix({ join }: ServerScenario, text: string): Promise<void> {
  const ada = await join('Ada')
  await append(ada, text)
  const kept = await draftOf(ada)
  must(text.toWellFormed().startsWith(kept), 'what is kept is no prefix of what was appended', { text, kept })
}

async function cutBetween({ join }: ServerScenario, text: string): Promise<void> {
  const ada = await join('Ada')
  await append(ada, text)
  const whole = text.toWellFormed()
  const fits = (end: number) => count(whole.slice(0, end)) <= SEGMENT
  const last = Math.max(...[...boundaries(whole)].filter(fits))
  const expected = last > 0 ? whole.slice(0, last) : [...whole].slice(0, SEGMENT).join('')
  const kept = await draftOf(ada)
  // The end is what differs: the rest would fill a screen.
  same(kept.slice(-40), expected.slice(-40), 'a cut fell not on the last boundary within 1000 characters')
  same(count(kept), count(expected), 'a segment has not as many characters as fit')
}

async function fullDraft({ join }: ServerScenario): Promise<void> {
  const ada = await join('Ada')
  const family = '👩‍👩‍👧‍👦'
  for (let full = 0; full < MAXIMUM / SEGMENT - 1; full++) await append(ada, 'x'.repeat(SEGMENT))
  const told: unknown[] = []
  for (const text of ['x'.repeat(SEGMENT - 5) + family, family, 'abcdefgh', 'z']) {
    const { status, accepted, dropped } = await append(ada, text)
    told.push([status, accepted, dropped])
  }
  const expected = [
    [2, SEGMENT - 5, 7],
    [0, 0, 7],
    [2, 5, 3],
    [0, 0, 1],
  ]
  same(told, expected, 'an append to a draft that is nearly full kept something else')
  const { length, draft } = await ada.call('preview')
  same([length, count(draft ?? '')], [MAXIMUM, MAXIMUM], 'a draft that is full has another length')
}

async function asItCame({ join }: ServerScenario, text: string): Promise<void> {
  const ada = await join('Ada')
  await append(ada, text)
  same(await draftOf(ada), text.toWellFormed(), 'more than lone surrogates was changed')
}

/** Calls `check` with the answered suffix and the draft after each of several steps. */
async function suffixes(
  scenario: ServerScenario,
  all: readonly string[],
  check: (suffix: string, draft: string) => void,
): Promise<void> {
  const ada = await scenario.join('Ada')
  const steps = [...all.map(text => ['append', { text }] as const), ['undo', {}] as const, ['undo', {}] as const]
  for (const [method, params] of steps) {
    const { suffix = '' } = await ada.call(method, params)
    check(suffix, await draftOf(ada))
  }
}

const isASuffix = (scenario: ServerScenario, all: readonly string[]) =>
  suffixes(scenario, all, (suffix, draft) => {
    must(draft.endsWith(suffix), 'a suffix is not the end of the draft', { suffix, draft: draft.slice(-100) })
  })

const isShort = (scenario: ServerScenario, all: readonly string[]) =>
  suffixes(scenario, all, (suffix, draft) => {
    must(count(suffix) <= SUFFIX, 'a suffix has more than 80 characters', suffix)
    must(boundaries(draft).has(draft.length - suffix.length), 'a suffix begins within a cluster', suffix)
    if (count(draft) <= SUFFIX) same(suffix, draft, 'the suffix of a short draft is not the whole draft')
  })

/** Drafts about as long as a suffix may be, and longer. */
const long = fc.array(
  fc.array(pieces, { minLength: 4, maxLength: 8, size: 'max' }).map(all => `${all.join('')}.`),
  { minLength: 1, maxLength: 4 },
)

/** Rules of a hosted draft. */
export const writingRules: readonly ServerRule[] = [
  serverProperty('D2', fc.tuple(written, edgy), cancelOut, 0.5),
  serverProperty('D3', fc.tuple(written, fc.nat({ max: 8 })), newestFirst, 0.5),
  serverProperty('D4', written, emptied, 0.25),
  serverProperty('D5', edgy, saysWhatBecame),
  serverProperty('T1', edgy, keepsAPrefix),
  serverProperty('T2', around, cutBetween),
  serverRule('T3', [], fullDraft),
  serverProperty(
    'T4',
    texts({ maxLength: 12 }).filter(text => text !== ''),
    asItCame,
  ),
  serverProperty('S1', long, isASuffix, 0.5),
  serverProperty('S2', long, isShort, 0.5),
]
