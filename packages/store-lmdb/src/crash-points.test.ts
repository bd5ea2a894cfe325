import { testCrashPoints } from '../../../tests/crash-points.ts'
import { storeBench } from '../../../tests/store-bench.ts'

testCrashPoints(async () => {
  const bench = storeBench(store => store)
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
