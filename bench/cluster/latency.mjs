import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectRoom } from '@midsentence/client'
import { natsCluster, openClusterHub } from '@midsentence/cluster-nats'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { median } from '../core/measure.mjs'

/** Pause between two messages. Nothing waits in a queue. */
const PAUSE_MS = 5

/**
 * Returns the median time of each path from `send` to the call of its listener, in milliseconds. The messages of the paths take
 * turns, so that other load of the machine slows all of them.
 */
export async function medianLatencies(paths, { warm, measured }) {
  const times = paths.map(() => [])
  for (let number = 0; number < warm + measured; number++) {
    for (const [at, { send, listen }] of paths.entries()) {
      const received = new Promise(listen)
      const started = performance.now()
      await Promise.all([send(`message ${number}`), received.then(() => times[at].push(performance.now() - started))])
      await sleep(PAUSE_MS)
    }
  }
  return times.map(each => median(each.slice(warm)))
}

/** A publish to a stream with three replicas, until a consumer on another NATS server has it. */
export async function plainPath(nats) {
  const [one, other] = await Promise.all([connect({ servers: nats.urls[0] }), connect({ servers: nats.urls[1] })])
  const name = `plain-${process.pid}-${performance.now().toFixed(0)}`
  const manager = await jetstreamManager(one)
  await manager.streams.add({ name, subjects: [name], storage: 'file', num_replicas: 3 })
  const js = jetstream(one)
  let listener
  const consumer = await jetstream(other).consumers.get(name)
  const consuming = await consumer.consume({ callback: () => listener() })
  return {
    send: text => js.publish(name, text),
    listen: next => {
      listener = next
    },
    async close() {
      await consuming.close()
      await manager.streams.delete(name)
      await Promise.all([one.close(), other.close()])
    },
  }
}

let rooms = 0

/** A push of a client at the server `from(owner)`, until a client at `to(owner)` has the message. */
export async function pushPath(servers, from, to) {
  const room = `latency-${++rooms}`
  const first = await connectRoom(servers.urls[0], { room, username: 'first' })
  const owner = await servers.ownerOf(room)
  const [ada, ben] = await Promise.all([
    connectRoom(servers.urls[from(owner)], { room, username: 'ada' }),
    connectRoom(servers.urls[to(owner)], { room, username: 'ben' }),
  ])
  let listener
  const subscription = ben.messages$.subscribe(() => listener())
  return {
    async send(text) {
      await ada.append(text)
      await ada.push()
    },
    listen: next => {
      listener = next
    },
    async close() {
      subscription.unsubscribe()
      for (const each of [first, ada, ben]) await each.close()
    },
  }
}

/** Opens two hubs of one cluster in this process, each on its own connection to another NATS server. */
export async function openHubs(nats) {
  const policy = { room: () => ({ policy: 'annotate' }), limits: () => ({}) }
  const opened = []
  for (const nth of [0, 1]) {
    const cluster = await natsCluster({ servers: [nats.urls[nth]], prefix: `hubs-${process.pid}` })
    opened.push({ cluster, hub: await openClusterHub({ ...cluster, policy }) })
  }
  return {
    hubs: opened.map(({ hub }) => hub),
    ownerOf: async room => {
      const owner = await opened[0].cluster.logs.ownerOf(room)
      return opened.findIndex(({ hub }) => hub.server === owner)
    },
    async close() {
      for (const { hub } of opened) await hub.close()
      for (const { cluster } of opened) await cluster.close()
    },
  }
}

/** A publish at the hub `from(owner)`, until a stream of the hub `to(owner)` has the message. Without HTTP. */
export async function hubPath({ hubs, ownerOf }, from, to) {
  const room = `hubs-${++rooms}`
  const first = await hubs[0].join({ room, username: 'first' })
  const owner = await ownerOf(room)
  const [ada, ben] = await Promise.all([
    hubs[from(owner)].join({ room, username: 'ada' }),
    hubs[to(owner)].join({ room, username: 'ben' }),
  ])
  let listener
  const ignored = () => {}
  const messages = () => {
    listener?.()
    return true
  }
  const subscription = await ben.subscribe({ messages, missed: ignored, presence: ignored, ended: ignored })
  subscription.resume()
  let key = 0
  return {
    send: text => ada.publish({ content: text, base: 0, key: `${++key}` }),
    listen: next => {
      listener = next
    },
    async close() {
      for (const session of [first, ada, ben]) await session.leave()
    },
  }
}
