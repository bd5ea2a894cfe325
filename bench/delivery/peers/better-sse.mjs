import { once } from 'node:events'
import { createServer } from 'node:http'
import { createChannel, createSession } from 'better-sse'
import { messageOf, streamRequest } from '../message.mjs'

export async function open(readers) {
  const channel = createChannel()
  let seq = 0
  const server = createServer(async (req, res) => {
    channel.register(await createSession(req, res, { keepAlive: null }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const publishOne = content => channel.broadcast(messageOf(content, ++seq), 'message', { eventId: `${seq}` })
  const streamRequests = Array.from({ length: readers }, () => streamRequest('/events'))
  return { port: server.address().port, streamRequests, publish: contents => contents.forEach(publishOne) }
}
