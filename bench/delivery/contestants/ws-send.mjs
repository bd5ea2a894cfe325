// A server of `ws` as one would write it by hand: a message made into text once, one `send` for each reader.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { wantsSocket } from '../../ws/frames.mjs'
import { asks, messageOf } from '../message.mjs'

export async function open(readers) {
  const server = createServer()
  const sockets = new WebSocketServer({ server })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  let seq = 0
  const say = content => {
    const text = JSON.stringify({ jsonrpc: '2.0', method: 'message', params: messageOf(content, ++seq) })
    for (const socket of sockets.clients) socket.send(text)
  }
  // Readers count what follows the first bytes.
  sockets.on('connection', socket => socket.send('{"jsonrpc":"2.0","method":"welcome"}'))
  const hellos = Array.from({ length: readers }, () => asks('/ws', wantsSocket))
  return { port: server.address().port, hellos, say: contents => contents.forEach(say) }
}
