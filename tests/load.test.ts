import { startServer } from '@midsentence/server'
import { onTestFinished, test } from 'vitest'
import { legacyClients, runLoad } from './load.ts'

test('[P6] [L1] [L2] [H1] a room orders the pushes of local, hosted and WebSocket clients', async () => {
  const { url, close } = await startServer({ port: 0, limits: false })
  onTestFinished(close)
  await runLoad({ url, room: 'lobby', clients: 15, pushes: 5, sockets: true })
})

test('[P6] [L1] [L2] [H3] a room orders six clients beside ten legacy clients', async () => {
  const { url, close } = await startServer({ port: 0, limits: false })
  onTestFinished(close)
  await runLoad({ url, room: 'lobby', clients: 6, pushes: 4, legacy: await legacyClients(url, 10) })
})
