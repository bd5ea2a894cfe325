// Readers of any server, in one process, of one kind: `probe` records when each message arrived, `plain` only counts, and
// `stalled` never reads. Reports its counts on request.
import { connect } from 'node:net'
import { END_MARK } from '../delivery/message.mjs'

const mark = END_MARK.charCodeAt(0)
const buffer = Buffer.allocUnsafe(2 ** 18)
let deliveries = 0
let receivedAt = new Map()
const sockets = []

function openStream(port, streamRequest, kind) {
  return new Promise((resolve, reject) => {
    let text = ''
    const receive = {
      probe(bytes) {
        const now = performance.timeOrigin + performance.now()
        text += bytes.latin1Slice()
        const whole = text.lastIndexOf(END_MARK)
        if (whole < 0) return
        for (const [, n] of text.slice(0, whole + 1).matchAll(/"content":"(\d+): [^~]*~/g)) {
          const times = receivedAt.get(n)
          if (times) times.push(now)
          else receivedAt.set(n, [now])
          deliveries++
        }
        text = text.slice(whole + 1)
      },
      plain(bytes) {
        for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) deliveries++
      },
    }[kind]
    let isOpen = false
    const callback = length => {
      if (isOpen) receive?.(buffer.subarray(0, length))
      isOpen = true
      resolve()
      return kind !== 'stalled'
    }
    const socket = connect({ port, host: '127.0.0.1', onread: { buffer, callback } })
    socket.on('error', error => (isOpen ? undefined : reject(error))).write(streamRequest)
    sockets.push(socket)
  })
}

process.once('disconnect', () => process.exit())
process.on('message', async ({ open, report, end }) => {
  if (open) {
    const { port, streamRequests, kind } = open
    // In groups, because a server's backlog of connections is short.
    for (let at = 0; at < streamRequests.length; at += 100) {
      await Promise.all(streamRequests.slice(at, at + 100).map(streamRequest => openStream(port, streamRequest, kind)))
    }
    process.send('open')
  }
  if (report) {
    process.send({ deliveries, receivedAt: [...receivedAt] })
    receivedAt = new Map()
  }
  if (end) {
    for (const socket of sockets) socket.destroy()
    process.send('closed')
  }
})
