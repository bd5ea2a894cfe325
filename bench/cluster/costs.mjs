// What idle rooms and sessions cost a server and JetStream, and how long a new owner needs for a long room:
// `costs.mjs NATS_URLS ROOMS MESSAGES`. Sends the results.
import { natsCluster, openClusterHub } from '@midsentence/cluster-nats'
import { jetstreamManager } from '@nats-io/jetstream'
import { record } from '../store/fill.mjs'

const [urls, rooms, messages] = process.argv.slice(2)
const SESSIONS = 20
const BATCH = 1000
const cluster = await natsCluster({ servers: urls.split(','), prefix: `costs-${process.pid}` })
const open = () => openClusterHub({ ...cluster, bounds: { rooms: 1_000_000 } })
const manager = await jetstreamManager(cluster.connection)

const storedBytes = async () => {
  let bytes = 0
  for await (const { state, config } of manager.streams.list()) {
    if (config.name.startsWith('costs-')) bytes += state.bytes
  }
  return bytes
}
const usage = async () => {
  for (let times = 0; times < 3; times++) {
    globalThis.gc()
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  return { heap: process.memoryUsage().heapUsed, stored: await storedBytes() }
}
const joinMany = async (hub, count, requestOf) => {
  for (let at = 0; at < count; at += 50) {
    await Promise.all(Array.from({ length: Math.min(50, count - at) }, (_, nth) => hub.join(requestOf(at + nth))))
  }
}

const hub = await open()
const before = await usage()
const started = performance.now()
await joinMany(hub, Number(rooms), nth => ({ room: `room-${nth}`, username: 'Ada' }))
const joined = performance.now() - started
const withRooms = await usage()
const sessions = (SESSIONS * Number(rooms)) / 10
await joinMany(hub, sessions, nth => ({ room: `room-${nth % (Number(rooms) / 10)}`, username: `Ben ${nth}` }))
const withSessions = await usage()
const readsStarted = performance.now()
const READS = 2000
for (let at = 0; at < READS; at += 100) {
  await Promise.all(Array.from({ length: 100 }, () => cluster.directory.read(hub.server)))
}
const reads = (READS * 1000) / (performance.now() - readsStarted)

// The log is filled as by an owner that ended without a snapshot.
const { log } = await cluster.logs.claim('long', 'a-server-that-ended')
let position = await log.head('long')
for (let seq = 1; seq <= Number(messages); ) {
  const records = []
  for (let left = BATCH; left > 0 && seq <= Number(messages); left--, seq++) records.push(record(seq))
  position = await log.append('long', records, position)
}
await cluster.logs.release('long', 'a-server-that-ended')
const openRoom = async hub => {
  const start = performance.now()
  const ada = await hub.join({ room: 'long', username: `Ada ${start.toFixed(0)}` })
  await ada.publish({ content: 'first', base: Number(messages), key: 'a' })
  return performance.now() - start
}
const withoutSnapshot = await openRoom(hub)
await hub.close()
const next = await open()
const withSnapshot = await openRoom(next)
await next.close()
const perEach = (from, to, count) => ({
  heap: (to.heap - from.heap) / count,
  stored: (to.stored - from.stored) / count,
})
await cluster.close()
process.send({
  room: perEach(before, withRooms, Number(rooms)),
  session: perEach(withRooms, withSessions, sessions),
  roomsPerSecond: (Number(rooms) * 1000) / joined,
  reads,
  withoutSnapshot,
  withSnapshot,
})
setTimeout(() => process.exit(0), 100)
