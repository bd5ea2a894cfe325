// Our server over WebSockets, with the same room as over event streams.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { openHub } from '@midsentence/core/hub'
import { wsUpgrade } from '@midsentence/transport-ws/server'
import { upgradeHeaders } from '../../ws/frames.mjs'
import { streamRequest } from '../message.mjs'
import { room } from '../room.mjs'

export async function open(readers, publishers) {
  const { hub, tokens, publish } = await room(openHub, readers, publishers)
  const { upgrade } = wsUpgrade(hub)
  const server = createServer().on('upgrade', upgrade)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const streamRequests = tokens.map(token =>
    streamRequest('/ws', `${upgradeHeaders}authorization: Bearer ${token}\r\n`),
  )
  return { port: server.address().port, streamRequests, publish }
}
