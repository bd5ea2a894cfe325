// A hand-written server with `ws`: serialises a message once, and calls `send` for each reader.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { upgradeHeaders } from '../../ws/frames.mjs'
import { messageOf, streamRequest } from '../message.mjs'

export async function open(readers) {
  const server = createServer()
  const sockets = new WebSocketServer({ server })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  let seq = 0
  const publishOne = content => {
    const text = JSON.stringify({ jsonrpc: '2.0', method: 'message', params: messageOf(content, ++seq) })
    for (const socket of sockets.clients) socket.send(text)
  }
  // Readers start to count after the first bytes.
  sockets.on('connection', socket => socket.send('{"jsonrpc":"2.0","method":"welcome"}'))
  const streamRequests = Array.from({ length: readers }, () => streamRequest('/ws', upgradeHeaders))
  return { port: server.address().port, streamRequests, publish: contents => contents.forEach(publishOne) }
}
