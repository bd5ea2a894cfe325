// Benchmarks of core, on the built packages: `npm run bench`.
import { append, emptyDraft, evolve, join, memoryJournal, suffixOf, truncate, undo } from '@midsentence/core'
import { bundle, draftOnly, everything } from './bundle-size.mjs'
import { instantTransport } from './instant-transport.mjs'
import { bytesOf, microseconds, perSecond, table } from './measure.mjs'

const LONG = 100_000
const sentence = 'A sentence of average length, more or less.....'
const unlimited = { segment: 1000, draft: 1e9, segments: 1e9 }

const joined = (journal, limits) =>
  join({ transport: instantTransport(), username: 'ann', limits, ...(journal && { journal }) })

// Parsed like a journal, so that no two events share a string.
const events = JSON.parse(
  JSON.stringify(
    Array.from({ length: 200_000 }, (_, index) => {
      if (index % 20 === 19) return { type: 'pushed', seq: index }
      return index % 4 === 3 ? { type: 'undone' } : { type: 'appended', text: `${index}: ${sentence}`, base: index }
    }),
  ),
)
const folded = []

function fold() {
  let draft = emptyDraft
  for (const event of events) draft = evolve(draft, event)
  folded.push(draft)
}

/** Returns awaited appends and undos per second, on top of the present draft. */
async function appending(participant, count = 60_000) {
  return perSecond(count, async () => {
    for (let done = 0; done < count; done += 2) {
      await participant.append(sentence)
      await participant.undo()
    }
  })
}

async function pushing(participant, count = 10_000) {
  return perSecond(count, async () => {
    for (let done = 0; done < count; done++) {
      await participant.append(sentence)
      await participant.push()
    }
  })
}

function segmented(count) {
  let draft = emptyDraft
  for (let i = 0; i < count; i++) draft = append(draft, sentence, 0, unlimited).draft
  return draft
}

const steps = draft =>
  perSecond(100_000, count => {
    for (let done = 0; done < count; done += 2) undo(append(draft, sentence, 0, unlimited).draft)
  })

async function withSegments(participant, count) {
  for (let i = 0; i < count; i++) await participant.append(sentence)
  return participant
}

const drafts = { few: segmented(1000), many: segmented(LONG) }
const bare = await withSegments(await joined(), 10)
const journaled = await withSegments(await joined(memoryJournal()), 10)
const emptying = await joined()
const pusher = await joined()
const journaledPusher = await joined(memoryJournal())
const few = await withSegments(await joined(undefined, unlimited), 1000)
const many = await withSegments(await joined(undefined, unlimited), LONG)

const texts = { ASCII: 'x', CJK: '字', emoji: '😀', flags: '🇩🇪' }
const cuts = Object.entries(texts).map(([what, unit]) => {
  const text = unit.repeat(LONG / [...unit].length)
  return { what, text }
})
const flags = append(emptyDraft, cuts.at(-1).text, 0, { segment: LONG, draft: LONG }).draft
const flagsAndWords = append(flags, ' and words', 0, unlimited).draft

await table('Core', [
  {
    what: 'fold of the event log, plain evolve',
    unit: '/s',
    atLeast: 2e6,
    measure: () => perSecond(events.length, fold),
  },
  { what: 'awaited append and undo', unit: '/s', atLeast: 1e5, measure: () => appending(bare) },
  { what: 'the same, with a journal in memory', unit: '/s', measure: () => appending(journaled) },
  {
    what: 'the same, where each undo empties the draft: two more state changes',
    unit: '/s',
    measure: () => appending(emptying),
  },
  { what: 'awaited append + push', unit: '/s', measure: () => pushing(pusher) },
  { what: 'the same, with a journal in memory', unit: '/s', measure: () => pushing(journaledPusher) },
  {
    what: 'append and undo at 100,000 segments, time against 1,000: functions',
    unit: 'x',
    atMost: 2,
    measure: async () => (await steps(drafts.few)) / (await steps(drafts.many)),
  },
  {
    what: 'append and undo at 100,000 segments, time against 1,000: participant',
    unit: 'x',
    atMost: 2,
    measure: async () => (await appending(few)) / (await appending(many)),
  },
  ...cuts.map(({ what, text }) => ({
    what: `cut of 100,000 characters: ${what}`,
    unit: 'µs',
    atMost: 50,
    measure: () => microseconds(1000, () => truncate(text, 1000)),
  })),
  ...cuts.map(({ what, text }) => ({
    what: `append of the same, with the dropped characters counted: ${what}`,
    unit: 'µs',
    measure: () => microseconds(200, () => append(emptyDraft, text)),
  })),
  {
    what: 'suffix of a draft of 100,000 characters: flags',
    unit: 'µs',
    atMost: 50,
    measure: () => microseconds(1000, () => suffixOf(flags)),
  },
  {
    what: 'suffix of a draft of 100,000 characters: flags, then words',
    unit: 'µs',
    atMost: 50,
    measure: () => microseconds(1000, () => suffixOf(flagsAndWords)),
  },
  {
    what: 'suffix of a draft of 100,000 segments',
    unit: 'µs',
    atMost: 50,
    measure: () => microseconds(1000, () => suffixOf(drafts.many)),
  },
])

const sizes = { whole: await bundle(everything), draft: await bundle(draftOnly) }
await table(
  'Sizes; bundles are for browsers, minified and gzipped',
  [
    // In a table that runs last, since a forced garbage collection discards compiled code.
    {
      what: 'memory of a segment, its text shared',
      unit: 'B',
      measure: () => bytesOf(() => segmented(LONG)).bytes / LONG,
    },
    { what: '@midsentence/core with xstate and rxjs', unit: 'kB', atMost: 36_000, measure: () => sizes.whole.bytes },
    { what: 'the draft functions alone', unit: 'kB', atMost: 4_000, measure: () => sizes.draft.bytes },
  ],
  1,
)
await Promise.all(
  [bare, journaled, emptying, pusher, journaledPusher, few, many].map(participant => participant.close()),
)
