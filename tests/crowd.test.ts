import { onTestFinished, test } from 'vitest'
import { converse } from './crowd.ts'
import { httpBench } from './sse-bench.ts'

test('[P6] [L1] [L2] [H1] sixteen over HTTP, half with drafts of their own and half hosted, all at once', async () => {
  const { url, room, close } = await httpBench()
  onTestFinished(close)
  await converse({ url, room, members: 16, pushes: 5 })
})
