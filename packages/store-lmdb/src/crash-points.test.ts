import { storeHarness } from '@midsentence/testing/harness/store-harness'
import { testCrashPoints } from '@midsentence/testing/logs/crash-points'

testCrashPoints(async () => {
  const bench = storeHarness(store => store)
  const { log, sessions } = await bench.open()
  return {
    log,
    sessions,
    crash: () => {
      bench.crash?.()
      return bench.reopen!()
    },
    close: bench.close,
  }
})
