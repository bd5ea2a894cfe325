import { once } from 'node:events'
import { createServer } from 'node:http'
import { openHub } from '@midsentence/core/hub'
import { sseHandlers } from '@midsentence/transport-sse/server'

/** Starts our server with one room per caller, so that answers contain no messages of others. */
export async function open(callers, stores = {}) {
  const hub = await openHub(stores)
  const { handle } = sseHandlers(hub)
  const server = createServer((req, res) => void handle(req, res))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const join = (_, index) => hub.join({ username: 'ann', room: `room-${index}` })
  const sessions = await Promise.all(Array.from({ length: callers }, join))
  return { port: server.address().port, tokens: sessions.map(({ joinResult }) => joinResult.token) }
}
