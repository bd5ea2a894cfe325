import { once } from 'node:events'
import { createServer } from 'node:http'
import { createChannel, createSession } from 'better-sse'
import { asks, messageOf } from '../message.mjs'

export async function open(readers) {
  const channel = createChannel()
  let seq = 0
  const server = createServer(async (req, res) => {
    channel.register(await createSession(req, res, { keepAlive: null }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const say = content => channel.broadcast(messageOf(content, ++seq), 'message', { eventId: `${seq}` })
  const hellos = Array.from({ length: readers }, () => asks('/events'))
  return { port: server.address().port, hellos, say: contents => contents.forEach(say) }
}
