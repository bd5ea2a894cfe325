import { testCrashPoints } from '@midsentence/testing/logs/crash-points'
import { memoryLog } from '../memory/memory-log.ts'
import { memorySessions } from '../memory/memory-sessions.ts'

testCrashPoints(() => {
  const logs = { log: memoryLog(), sessions: memorySessions() }
  return { ...logs, crash: () => logs, close: async () => {} }
})
