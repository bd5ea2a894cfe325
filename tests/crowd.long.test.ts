import { onTestFinished, test } from 'vitest'
import { converse } from './crowd.ts'
import { httpBench } from './sse-bench.ts'

test('[P6] [L1] [L2] [H1] fifty over HTTP, twenty pushes each', { timeout: 300_000 }, async () => {
  const { url, room, close } = await httpBench()
  onTestFinished(close)
  await converse({ url, room, members: 50, pushes: 20 })
})
