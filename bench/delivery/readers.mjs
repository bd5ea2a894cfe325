// Readers of any server, in a process of their own: each says its hello and counts what is delivered, without reading it.
import { connect } from 'node:net'
import { MARK } from './message.mjs'

const mark = MARK.charCodeAt(0)
const buffer = Buffer.allocUnsafe(2 ** 18)
let count = 0
let told = 0

process.once('disconnect', () => process.exit())
process.once('message', async ({ port, hellos, entry, window }) => {
  // Not all at once: a server's backlog is short.
  for (let at = 0; at < hellos.length; at += 50) {
    await Promise.all(hellos.slice(at, at + 50).map(hello => letIn(port, hello, entry, window)))
  }
  process.send('ready')
})

/** Resolves once the reader is in: at the first bytes, or behind the steps of `entry`. */
function letIn(port, hello, entry, window) {
  return new Promise(resolve => {
    let inside = false
    let waitsFor = entry?.after
    const greeted = text => {
      if (waitsFor !== undefined && !text.includes(waitsFor)) return
      if (waitsFor !== undefined && waitsFor !== entry.until) {
        waitsFor = entry.until
        socket.write(entry.say, 'latin1')
        return
      }
      inside = true
      resolve()
    }
    const callback = length => {
      const bytes = buffer.subarray(0, length)
      if (inside) tally(bytes, window)
      else greeted(bytes.latin1Slice())
      return true
    }
    const socket = connect({ port, host: '127.0.0.1', onread: { buffer, callback } })
    const lost = () => process.exit(1)
    socket.on('error', lost).on('close', lost).write(hello)
  })
}

/** Tells of every `window` deliveries, whoever of the readers had them. */
function tally(bytes, window) {
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) count++
  while (count >= (told + 1) * window) process.send(++told)
}
