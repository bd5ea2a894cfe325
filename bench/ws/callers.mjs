// Callers over WebSockets, one socket each.
import { once } from 'node:events'
import { connect } from 'node:net'
import { appendLoad } from '../append-load.mjs'
import { frameOf, upgradeHeaders } from './frames.mjs'

/** Opens one socket for one call at a time. Parses only the length of an answer. */
async function socketCaller(port, token) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const bearer = token ? `authorization: Bearer ${token}\r\n` : ''
  socket.write(`GET /ws?quiet HTTP/1.1\r\nhost: 127.0.0.1\r\n${upgradeHeaders}${bearer}\r\n`)
  const [head] = await once(socket, 'data')
  if (!head.toString().startsWith('HTTP/1.1 101')) throw new Error(head.toString())
  let bytes = Buffer.alloc(0)
  let settle
  socket.on('data', chunk => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    const short = bytes[1] & 127
    const end = short < 126 ? 2 + short : bytes.length < 4 ? Infinity : 4 + bytes.readUInt16BE(2)
    if (bytes.length < end) return
    bytes = bytes.subarray(end)
    settle()
  })
  return text =>
    new Promise(resolve => {
      settle = resolve
      socket.write(frameOf(text))
    })
}

await appendLoad(socketCaller)
