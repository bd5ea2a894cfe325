// One run: a server publishes to its readers as fast as they take it. Sends the deliveries per second.
import { once } from 'node:events'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { nextMessage, startProcess } from '../process.mjs'
import { contentOf } from './message.mjs'

const [peer, readers, burst, warm, measured] = process.argv.slice(2).map((arg, at) => (at === 0 ? arg : Number(arg)))
/** At least one window, at most two windows of deliveries are in flight. Two fit into the sockets' buffers. */
const WINDOW = 4096

const { open } = await import(`./peers/${peer}.mjs`)
const { port, streamRequests, handshake, publish } = await open(readers, burst)
const turns = Math.max(1, Math.ceil(WINDOW / readers / burst))
const readersProcess = startProcess('./counting-readers.mjs', import.meta.url)
readersProcess.send({ port, streamRequests, handshake, window: turns * burst * readers })
await nextMessage(readersProcess)
await sleep(200)

let published = 0
let sentWindows = 0
let receivedWindows = 0
readersProcess.on('message', windows => {
  receivedWindows = windows
})

async function publishFor(ms) {
  const until = performance.now() + ms
  while (performance.now() < until) {
    for (let turn = 0; turn < turns; turn++) {
      const contents = Array.from({ length: burst }, () => contentOf(++published))
      await publish(contents)
      await nextTurn()
    }
    sentWindows++
    while (sentWindows > receivedWindows + 1) await once(readersProcess, 'message')
  }
  while (sentWindows > receivedWindows) await once(readersProcess, 'message')
}

await publishFor(warm)
const before = { published, cpu: process.cpuUsage(), at: performance.now() }
await publishFor(measured)
const seconds = (performance.now() - before.at) / 1000
const { user, system } = process.cpuUsage(before.cpu)
const deliveries = (published - before.published) * readers
process.send({ value: deliveries / seconds, cpu: (user + system) / deliveries })
await sleep(0)
process.exit()
