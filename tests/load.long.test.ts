import { startServer } from '@midsentence/server'
import { onTestFinished, test } from 'vitest'
import { legacyClients, runLoad } from './load.ts'

test('[P6] [L1] [L2] [H1] a room orders twenty pushes each by fifty clients', async () => {
  const { url, close } = await startServer({ port: 0, limits: false })
  onTestFinished(close)
  await runLoad({ url, room: 'lobby', clients: 50, pushes: 20 })
})

test('[P6] [L1] [L2] [H3] a room orders fifty clients beside ten legacy clients', async () => {
  const { url, close } = await startServer({ port: 0, limits: false })
  onTestFinished(close)
  await runLoad({ url, room: 'lobby', clients: 50, pushes: 20, legacy: await legacyClients(url, 50) })
})
