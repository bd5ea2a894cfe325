// Ours, by WebSockets: what is said and who hears it are those of the event streams.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { openHub } from '@midsentence/core/hub'
import { wsUpgrade } from '@midsentence/transport-ws/server'
import { wantsSocket } from '../../ws/frames.mjs'
import { asks } from '../message.mjs'
import { room } from './room.mjs'

export async function open(readers, publishers) {
  const { hub, tokens, say } = await room(openHub, readers, publishers)
  const { upgrade } = wsUpgrade(hub)
  const server = createServer().on('upgrade', upgrade)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const hellos = tokens.map(token => asks('/ws', `${wantsSocket}authorization: Bearer ${token}\r\n`))
  return { port: server.address().port, hellos, say }
}
