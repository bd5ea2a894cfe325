// A server in a process of its own, and what it says of itself: memory, descriptors, time.
import { readdirSync } from 'node:fs'

const [contestant, readers, publishers] = process.argv.slice(2)
const { open } = await import(`./contestants/${contestant}.mjs`)
globalThis.gc()
const bare = process.memoryUsage().rss
const { close, ...server } = await open(Number(readers), Number(publishers))

const descriptors = () => readdirSync('/proc/self/fd').length

process.on('message', async asked => {
  if (asked === 'end') {
    await close()
    process.exit()
  }
  // Twice: what is freed by the first is only known to the second.
  for (let turn = 0; turn < 2; turn++) globalThis.gc()
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage()
  process.send({ rss, heapUsed, external, arrayBuffers, descriptors: descriptors(), cpu: process.cpuUsage() })
})
process.once('disconnect', () => process.exit())
process.send({ ...server, bare, descriptors: descriptors() })
