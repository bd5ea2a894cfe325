// Runs one server, and reports its memory, descriptors and CPU time on request.
import { readdirSync } from 'node:fs'

const [peer, readers, publishers] = process.argv.slice(2)
const { open } = await import(`./peers/${peer}.mjs`)
globalThis.gc()
const emptyRss = process.memoryUsage().rss
const { close, ...server } = await open(Number(readers), Number(publishers))

const descriptors = () => readdirSync('/proc/self/fd').length

process.on('message', async request => {
  if (request === 'end') {
    await close()
    process.exit()
  }
  // Twice: the second collection frees what finalizers of the first released.
  for (let turn = 0; turn < 2; turn++) globalThis.gc()
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage()
  process.send({ rss, heapUsed, external, arrayBuffers, descriptors: descriptors(), cpu: process.cpuUsage() })
})
process.once('disconnect', () => process.exit())
process.send({ ...server, emptyRss, descriptors: descriptors() })
