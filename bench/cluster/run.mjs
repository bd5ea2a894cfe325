// Several servers over three NATS servers with three replicas, all on this machine: `npm run bench:cluster`.
import { compare } from '../compare.mjs'
import { isSelected, quick, rounds, saveResults } from '../options.mjs'
import { resultOf } from '../process.mjs'
import { hubPath, medianLatencies, openHubs, plainPath, pushPath } from './latency.mjs'
import { startNatsCluster } from './nats-cluster.mjs'
import { startServers } from './servers.mjs'
import { messagesPerSecond } from './throughput.mjs'

const counts = quick ? { warm: 30, measured: 50 } : { warm: 100, measured: 200 }
const times = quick ? { warm: 1000, measured: 1000 } : { warm: 2000, measured: 3000 }

const nats = await startNatsCluster()
const clusters = { 1: await startServers(nats, 1), 2: await startServers(nats, 2), 3: await startServers(nats, 3) }
const two = clusters[2]
const other = owner => 1 - owner
const self = owner => owner

const hubs = await openHubs(nats)

// Until Node.js has compiled the code of a server for speed, which takes thousands of calls, each costs several times as much.
const warmed = new Map()
const warm = (what, run) => {
  if (!warmed.has(what)) warmed.set(what, run())
  return warmed.get(what)
}
const warmServers = servers =>
  warm(servers, () => messagesPerSecond(servers, { rooms: 10, writers: 8, warm: 0, measured: quick ? 1000 : 20_000 }))
const warmHubs = () =>
  warm(hubs, async () => {
    for (const { from, to } of ways)
      await latenciesOf([hubPath(hubs, from, to)], { warm: quick ? 50 : 500, measured: 1 })
  })

const latenciesOf = async (opening, counts) => {
  const paths = await Promise.all(opening)
  const latencies = await medianLatencies(paths, counts)
  for (const path of paths) await path.close()
  return latencies
}

/** Measures both peers of a round at once. */
const latencyRow = (what, open, aims) => {
  const peers = ['ours', 'JetStream']
  const runs = []
  const asked = { ours: 0, JetStream: 0 }
  return {
    what: `push until delivered, ${what}`,
    unit: 'ms',
    peers,
    aims,
    async measure(peer) {
      const round = asked[peer]++
      runs[round] ??= open().then(path => latenciesOf([path, plainPath(nats)], counts))
      return { value: (await runs[round])[peers.indexOf(peer)] }
    },
  }
}
const aims = { JetStream: { atMost: 1.5 } }
const ways = [
  { what: 'both at the owner', from: self, to: self },
  { what: 'writer at the owner, reader at the other server', from: self, to: other, aims },
  { what: 'reader at the owner, writer at the other server', from: other, to: self, aims },
  { what: 'both at the other server', from: other, to: other },
]
const rows = [
  ...ways.map(({ what, from, to, aims }) =>
    latencyRow(
      `two hubs: ${what}`,
      async () => {
        await warmHubs()
        return hubPath(hubs, from, to)
      },
      aims,
    ),
  ),
  ...ways.map(({ what, from, to }) =>
    latencyRow(`HTTP: ${what}`, async () => {
      await warmServers(two)
      return pushPath(two, from, to)
    }),
  ),
  ...[
    { rooms: 1, writers: 8 },
    { rooms: 10, writers: 8 },
    { rooms: 100, writers: 1 },
  ].map(load => ({
    what: `messages a second, ${load.rooms} rooms with ${load.writers} writers each`,
    unit: '/s',
    peers: ['three servers', 'two servers', 'one server'],
    measure: async peer => {
      const servers = clusters[{ 'one server': 1, 'two servers': 2, 'three servers': 3 }[peer]]
      await warmServers(servers)
      return { value: await messagesPerSecond(servers, { ...load, ...times }) }
    },
  })),
]
const selected = rows.filter(isSelected)
const results = selected.length > 0 ? await compare('Several servers', selected, rounds) : []
for (const cluster of [hubs, ...Object.values(clusters)]) await cluster.close()

const costs = { what: 'costs of idle rooms and sessions, and of opening a long room' }
if (isSelected(costs)) {
  const [idle, messages] = quick ? [200, 20_000] : [1000, 1_000_000]
  const { room, session, ...seen } = await resultOf('./costs.mjs', import.meta.url, nats.urls.join(','), idle, messages)
  const show = ({ heap, stored }) => `${(heap / 1000).toFixed(1)} kB of heap, ${stored.toFixed(0)} B stored`
  console.log(`\nAn idle room with one session: ${show(room)}. A further idle session: ${show(session)}.`)
  console.log(
    `Rooms opened a second: ${seen.roomsPerSecond.toFixed(0)}. Entries read a second: ${seen.reads.toFixed(0)}.`,
  )
  const [cold, warm] = [seen.withoutSnapshot, seen.withSnapshot].map(ms => `${(ms / 1000).toFixed(2)} s`)
  console.log(
    `A room of ${messages.toLocaleString('en')} messages opens in ${cold} without a snapshot, in ${warm} with one.`,
  )
}
await nats.close()
saveResults(results)
process.exit(0)
