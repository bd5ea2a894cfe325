// One run: a server that speaks to its readers as fast as they take it. Says how many deliveries a second that were.
import { once } from 'node:events'
import { setImmediate as nextTurn, setTimeout as rest } from 'node:timers/promises'
import { heard, start } from '../process.mjs'
import { contentOf } from './message.mjs'

const [contestant, readers, burst, warm, measured] = process.argv
  .slice(2)
  .map((arg, at) => (at === 0 ? arg : Number(arg)))
/** So many deliveries are under way at once, at least; twice as many at most. It fits the sockets' buffers. */
const WINDOW = 4096

const { open } = await import(`./contestants/${contestant}.mjs`)
const { port, hellos, entry, say } = await open(readers, burst)
const turns = Math.max(1, Math.ceil(WINDOW / readers / burst))
const audience = start('./readers.mjs', import.meta.url)
audience.send({ port, hellos, entry, window: turns * burst * readers })
await heard(audience)
await rest(200)

let said = 0
let spoken = 0
let heardOf = 0
audience.on('message', windows => {
  heardOf = windows
})

async function speakFor(ms) {
  const until = performance.now() + ms
  while (performance.now() < until) {
    for (let turn = 0; turn < turns; turn++) {
      const contents = Array.from({ length: burst }, () => contentOf(++said))
      await say(contents)
      await nextTurn()
    }
    spoken++
    while (spoken > heardOf + 1) await once(audience, 'message')
  }
  while (spoken > heardOf) await once(audience, 'message')
}

await speakFor(warm)
const before = { said, cpu: process.cpuUsage(), at: performance.now() }
await speakFor(measured)
const seconds = (performance.now() - before.at) / 1000
const { user, system } = process.cpuUsage(before.cpu)
const deliveries = (said - before.said) * readers
process.send({ value: deliveries / seconds, cpu: (user + system) / deliveries })
await rest(0)
process.exit()
