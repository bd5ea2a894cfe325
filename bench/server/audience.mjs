// Readers of any server, in a process of their own. `probes` look when each message came; the others only take it in;
// the `deaf` take nothing, ever. Tells what it heard when asked.
import { connect } from 'node:net'
import { MARK } from '../delivery/message.mjs'

const mark = MARK.charCodeAt(0)
const buffer = Buffer.allocUnsafe(2 ** 18)
let deliveries = 0
let heardAt = new Map()
const sockets = []

function letIn(port, hello, manner) {
  return new Promise((resolve, reject) => {
    let text = ''
    const take = {
      probe(bytes) {
        const now = performance.timeOrigin + performance.now()
        text += bytes.latin1Slice()
        const whole = text.lastIndexOf(MARK)
        if (whole < 0) return
        for (const [, n] of text.slice(0, whole + 1).matchAll(/"content":"(\d+): [^~]*~/g)) {
          const times = heardAt.get(n)
          if (times) times.push(now)
          else heardAt.set(n, [now])
          deliveries++
        }
        text = text.slice(whole + 1)
      },
      plain(bytes) {
        for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) deliveries++
      },
    }[manner]
    let inside = false
    const callback = length => {
      if (inside) take?.(buffer.subarray(0, length))
      inside = true
      resolve()
      return manner !== 'deaf'
    }
    const socket = connect({ port, host: '127.0.0.1', onread: { buffer, callback } })
    socket.on('error', error => (inside ? undefined : reject(error))).write(hello)
    sockets.push(socket)
  })
}

process.once('disconnect', () => process.exit())
process.on('message', async ({ join, tell, end }) => {
  if (join) {
    const { port, hellos, manner } = join
    // Not all at once: a server's backlog is short.
    for (let at = 0; at < hellos.length; at += 100) {
      await Promise.all(hellos.slice(at, at + 100).map(hello => letIn(port, hello, manner)))
    }
    process.send('inside')
  }
  if (tell) {
    process.send({ deliveries, heardAt: [...heardAt] })
    heardAt = new Map()
  }
  if (end) {
    for (const socket of sockets) socket.destroy()
    process.send('gone')
  }
})
