// Readers of any server, in one process: each opens a stream and counts deliveries without parsing them.
import { connect } from 'node:net'
import { END_MARK } from './message.mjs'

const mark = END_MARK.charCodeAt(0)
const buffer = Buffer.allocUnsafe(2 ** 18)
let deliveries = 0
let windows = 0

process.once('disconnect', () => process.exit())
process.once('message', async ({ port, streamRequests, handshake, window }) => {
  // In groups, because a server's backlog of connections is short.
  for (let at = 0; at < streamRequests.length; at += 50) {
    await Promise.all(
      streamRequests.slice(at, at + 50).map(streamRequest => openStream(port, streamRequest, handshake, window)),
    )
  }
  process.send('ready')
})

/** Resolves once the stream is open: at the first bytes, or after the steps of `handshake`. */
function openStream(port, streamRequest, handshake, window) {
  return new Promise(resolve => {
    let isOpen = false
    let waitsFor = handshake?.after
    const shakeHands = text => {
      if (waitsFor !== undefined && !text.includes(waitsFor)) return
      if (waitsFor !== undefined && waitsFor !== handshake.until) {
        waitsFor = handshake.until
        socket.write(handshake.send, 'latin1')
        return
      }
      isOpen = true
      resolve()
    }
    const callback = length => {
      const bytes = buffer.subarray(0, length)
      if (isOpen) count(bytes, window)
      else shakeHands(bytes.latin1Slice())
      return true
    }
    const socket = connect({ port, host: '127.0.0.1', onread: { buffer, callback } })
    const lost = () => process.exit(1)
    socket.on('error', lost).on('close', lost).write(streamRequest)
  })
}

/** Counts deliveries, and reports each `window` of them over all readers. */
function count(bytes, window) {
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) deliveries++
  while (deliveries >= (windows + 1) * window) process.send(++windows)
}
