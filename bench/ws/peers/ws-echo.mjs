// Echoes text with `ws`.
import { once } from 'node:events'
import { WebSocketServer } from 'ws'

export async function open() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', socket => socket.on('message', data => socket.send(data, { binary: false })))
  await once(server, 'listening')
  return { port: server.address().port, tokens: [] }
}
