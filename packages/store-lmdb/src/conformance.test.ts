import { type Closable, testJournal, testRoomLog, testScoreLog, testSessionLog } from '@midsentence/conformance'
import { storeHarness } from '@midsentence/testing/harness/store-harness'
import { byTier } from '@midsentence/testing/tier'
import type { LmdbStore } from './store.ts'

// Each run opens its own directory, and every flush is real.
const options = { runs: byTier(1, 100) }
const on =
  <Store extends Closable>(part: (store: LmdbStore) => Store) =>
  () =>
    storeHarness(part)

testRoomLog(
  'the room log on LMDB',
  on(({ log }) => log),
  options,
)
testSessionLog(
  'the session log on LMDB',
  on(({ sessions }) => sessions),
  options,
)
testJournal(
  'a journal on LMDB',
  on(store => store.journal('Ada')),
  options,
)
testScoreLog(
  'the scores on LMDB',
  on(({ scores }) => scores),
  options,
)
