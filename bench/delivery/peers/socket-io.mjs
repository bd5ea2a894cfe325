import { once } from 'node:events'
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { messageOf, streamRequest } from '../message.mjs'

const upgrade = [
  'connection: Upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: bWlkc2VudGVuY2UgcmVhZA==',
].join('\r\n')

/** A masked text frame with `40`, which joins the default namespace. */
const joinFrame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x34, 0x30]).toString('latin1')

export async function open(readers) {
  const server = createServer()
  const io = new Server(server, { transports: ['websocket'], serveClient: false, pingInterval: 1e6 })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  let seq = 0
  const publishOne = content => io.emit('message', messageOf(content, ++seq))
  const request = streamRequest('/socket.io/?EIO=4&transport=websocket', `${upgrade}\r\n`)
  return {
    port: server.address().port,
    streamRequests: Array.from({ length: readers }, () => request),
    handshake: { after: '"pingTimeout"', send: joinFrame, until: '40{' },
    publish: contents => contents.forEach(publishOne),
  }
}
