import { startServer } from '@midsentence/server'
import { onTestFinished, test } from 'vitest'
import { converse, oldClients } from './crowd.ts'

const patience = { timeout: 400_000 }

test('[P6] [L1] [L2] [H1] fifty over HTTP, twenty pushes each', patience, async () => {
  const { url, close } = await startServer({ port: 0, limits: false })
  onTestFinished(close)
  await converse({ url, room: 'lobby', members: 50, pushes: 20 })
})

test('[P6] [L1] [L2] [H3] the same beside ten old clients that never wait', patience, async () => {
  const { url, close } = await startServer({ port: 0, limits: false })
  onTestFinished(close)
  await converse({ url, room: 'lobby', members: 50, pushes: 20, chatter: await oldClients(url, 50) })
})
