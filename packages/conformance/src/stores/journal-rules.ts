import type { Fact, Journal } from '@midsentence/core'
import { turns } from '../kit/turns.ts'
import { crashAtMoments } from './crash-moments.ts'
import { everyFact } from './every-field.ts'
import { lifecycleCases, type StoreLifecycle } from './lifecycle.ts'
import { alike, facts, mustBeAlike } from './records.ts'
import { playSeries, type SeriesAccess, type SeriesStep } from './series-play.ts'
import { type SeriesPlan, seriesScripts } from './series-script.ts'
import type { StoreHarness } from './store-harness.ts'
import {
  each,
  mustHaveEnded,
  mustReject,
  onFreshStore,
  resultOf,
  SERIES_LIMIT_MS,
  type StoreRule,
  storeRule,
  withHarness,
} from './store-rule.ts'

const access: SeriesAccess<Journal, Fact> = { of: journal => journal, compare: mustBeAlike }
const scripts = (plan: SeriesPlan) =>
  onFreshStore<Journal, readonly SeriesStep<Fact>[]>(seriesScripts(facts, plan), (harness, script) =>
    playSeries(harness, access, script),
  )

const written = (text: string): Fact => ({ type: 'appended', text, base: 0 })

async function asWritten(harness: StoreHarness<Journal>): Promise<void> {
  const journal = await harness.open()
  mustBeAlike(await journal.read(), [], 'a new journal holds something')
  const all = ['\ud800', '\u2028\r\n\0', '"\\', '😀\ufeff', ''].map(written)
  for (const fact of all.slice(0, 3)) await journal.append([fact])
  await journal.append(all.slice(3))
  mustBeAlike(await journal.read(), all, 'facts are not read as they were written')
  const many = Array.from({ length: 2000 }, (_, nth) => written(`${nth}`))
  await journal.append(many)
  mustBeAlike(await journal.read(), [...all, ...many], 'facts are not read as they were written')
  await journal.replace(everyFact)
  await journal.append(everyFact)
  mustBeAlike(await journal.read(), [...everyFact, ...everyFact], 'facts are not read as they were written')
}

async function inPlace(harness: StoreHarness<Journal>): Promise<void> {
  const journal = await harness.open()
  await journal.read()
  await journal.append([written('one'), written('two')])
  await journal.replace([written('three')])
  mustBeAlike(await journal.read(), [written('three')], 'a replacement did not replace everything')
  await journal.append([written('four')])
  mustBeAlike(
    await journal.read(),
    [written('three'), written('four')],
    'a fact appended after a replacement does not follow it',
  )
  await journal.replace([])
  mustBeAlike(await journal.read(), [], 'an empty replacement left something')
}

async function closed(harness: StoreHarness<Journal>): Promise<void> {
  const journal = await harness.open()
  const calls = [journal.read(), journal.append([written('one')])]
  const ending = Promise.allSettled(calls)
  const closing = [journal.close(), journal.close()]
  await Promise.all([...closing, mustReject(() => journal.append([written('two')]), 'append to a closing journal')])
  for (const outcome of await ending) resultOf<unknown>(outcome, 'a call in flight at close')
  await journal.close()
  await mustReject(() => journal.append([written('two')]), 'append to a closed journal')
  await mustReject(() => journal.replace([]), 'replace of a closed journal')
  const [again] = await Promise.allSettled([journal.read()])
  mustHaveEnded(again, 'read of a closed journal')
  const kept = again.status === 'fulfilled' ? again.value : await (await harness.reopen?.())?.read()
  if (kept) mustBeAlike(kept, [written('one')], 'a closed journal has not written what was appended, or still writes')
}

/** Crashes after different numbers of short and long turns, so that each point of a replacement is met. */
async function oldOrNew(harness: StoreHarness<Journal>): Promise<void> {
  let journal = await harness.open()
  for (let pause = 0; pause < 30; pause++) {
    const [before, after] = [[written('old'), written(`${pause}`)], [written('new')]]
    await journal.read()
    await journal.replace(before)
    journal.replace(after).catch(() => {})
    await turns(pause < 12 ? { short: pause, long: 0 } : { short: 0, long: pause - 11 })
    await harness.crash!()
    journal = await harness.reopen!()
    const found = await journal.read()
    if (alike(found, before)) continue
    mustBeAlike(found, after, 'after a crash a replaced journal is neither the old one nor the new one')
  }
}

const crashes = (harness: StoreHarness<Journal>): Promise<void> =>
  crashAtMoments<Journal, Fact>(harness, {
    append: (journal, facts) => journal.append(facts),
    read: journal => journal.read(),
    items: nth => [written(`${nth}`), written('two'), written('three')],
  })

const lifecycle: StoreLifecycle<Journal, undefined, Fact> = {
  calls: [
    { name: 'read', call: journal => journal.read(), reopens: true },
    {
      name: 'append',
      call: (journal, _, nth) => journal.append([written(`call ${nth}`), written('and more')]),
      after: (held, nth) => [...held, written(`call ${nth}`), written('and more')],
    },
    {
      name: 'replace',
      call: (journal, _, nth) => journal.replace([written(`in place, ${nth}`)]),
      after: (_, nth) => [written(`in place, ${nth}`)],
    },
  ],
  first: [written('first')],
  async begin(journal) {
    await journal.read()
    await journal.append([written('first')])
    return undefined
  },
  read: journal => journal.read(),
  carriesOut: true,
}

/** Every rule of a journal, as functions. `testJournal` runs them. */
export const journalRules: readonly StoreRule<Journal>[] = [
  storeRule<Journal>('J2', [], asWritten),
  storeRule<Journal>('J3', [], undefined, scripts({ replace: true })),
  storeRule<Journal>('J4', [], inPlace),
  storeRule<Journal>(
    'J5',
    [],
    closed,
    lifecycleCases(lifecycle, ['opening', 'open', 'closing', 'closed', 'closed twice']),
  ),
  storeRule<Journal>(
    'J6',
    ['reopen'],
    undefined,
    each(lifecycleCases(lifecycle, ['opened again']), scripts({ replace: true, restart: 'close' })),
  ),
  storeRule<Journal>(
    'J7',
    ['reopen', 'crash'],
    oldOrNew,
    each(setup => withHarness(setup, crashes, SERIES_LIMIT_MS), scripts({ replace: true, restart: 'crash' })),
  ),
]
