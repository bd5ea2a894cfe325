import { once } from 'node:events'
import { createServer } from 'node:http'
import { openHub } from '@midsentence/core/hub'
import { wsUpgrade } from '@midsentence/transport-ws/server'

/** Starts our server with one room per caller, so that answers contain no messages of others. */
export async function open(callers) {
  const hub = await openHub()
  const { upgrade } = wsUpgrade(hub)
  const server = createServer().on('upgrade', upgrade)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const join = (_, index) => hub.join({ username: 'ann', room: `room-${index}` })
  const sessions = await Promise.all(Array.from({ length: callers }, join))
  return { port: server.address().port, tokens: sessions.map(({ joinResult }) => joinResult.token) }
}
