// One run: idle streams. Sends the server's memory per stream with its session, in kB.
import { setTimeout as sleep } from 'node:timers/promises'
import { startProcesses } from './processes.mjs'

const [peer, count] = process.argv.slice(2)
const processes = await startProcesses(peer, { readerCounts: { plain: Number(count) }, publishers: 0 })
await sleep(1000)
const { rss } = await processes.state()
await processes.closeStreams()
await sleep(1000)
const { descriptors } = await processes.state()
const left = descriptors - processes.before.descriptors
await processes.end()
process.send({ value: (rss - processes.before.emptyRss) / Number(count) / 1000, left })
process.disconnect()
