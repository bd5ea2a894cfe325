import { startServer } from '@midsentence/server'
import { onTestFinished, test } from 'vitest'
import { converse, oldClients } from './crowd.ts'

test('[P6] [L1] [L2] [H1] sixteen over HTTP, half with drafts of their own and half hosted, all at once', async () => {
  const { url, close } = await startServer({ port: 0, limits: false })
  onTestFinished(close)
  await converse({ url, room: 'lobby', members: 16, pushes: 5 })
})

test('[P6] [L1] [L2] [H1] fifteen, a third by WebSockets, a third by server-sent events, a third hosted', async () => {
  const { url, close } = await startServer({ port: 0, limits: false })
  onTestFinished(close)
  await converse({ url, room: 'lobby', members: 15, pushes: 5, sockets: true })
})

test('[P6] [L1] [L2] [H3] six beside ten old clients that never wait', async () => {
  const { url, close } = await startServer({ port: 0, limits: false })
  onTestFinished(close)
  await converse({ url, room: 'lobby', members: 6, pushes: 4, chatter: await oldClients(url, 10) })
})
