import { once } from 'node:events'
import { createServer } from 'node:http'
import { openHub } from '@midsentence/core/hub'
import { wsUpgrade } from '@midsentence/transport-ws/server'

/** Everybody in a room of their own: what is measured is the append, not what others said meanwhile. */
export async function open(callers) {
  const hub = await openHub()
  const { upgrade } = wsUpgrade(hub)
  const server = createServer().on('upgrade', upgrade)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const join = (_, index) => hub.join({ username: 'ann', room: `room-${index}` })
  const sessions = await Promise.all(Array.from({ length: callers }, join))
  return { port: server.address().port, tokens: sessions.map(({ joinResult: entrance }) => entrance.token) }
}
