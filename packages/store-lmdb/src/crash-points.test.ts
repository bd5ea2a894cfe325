import { storeHarness } from '@midsentence/testing/harness/store-harness'
import { testCrashPoints } from '@midsentence/testing/logs/crash-points'

testCrashPoints(async () => {
  const harness = storeHarness(store => store)
  const { log, sessions } = await harness.open()
  return {
    log,
    sessions,
    crash: () => {
      harness.crash?.()
      return harness.reopen!()
    },
    close: harness.close,
  }
})
