import { natsCluster } from '@midsentence/cluster-nats'
import { nextMessage, startProcess } from '../process.mjs'

let clusters = 0

/** Starts `count` midsentence servers that share rooms. `ownerOf` resolves with the place of a room's owner. */
export async function startServers(nats, count) {
  const prefix = `bench-${process.pid}-${++clusters}`
  const logs = await natsCluster({ servers: nats.urls, prefix })
  const children = []
  const servers = []
  for (let nth = 0; nth < count; nth++) {
    const child = startProcess('./server.mjs', import.meta.url, nats.urls.join(','), prefix)
    children.push(child)
    servers.push(await nextMessage(child))
  }
  return {
    urls: servers.map(({ url }) => url),
    ownerOf: async room => {
      const owner = await logs.logs.ownerOf(room)
      return servers.findIndex(({ id }) => id === owner)
    },
    async close() {
      const ended = children.map(child => new Promise(resolve => child.once('exit', resolve)))
      for (const child of children) child.kill('SIGTERM')
      await Promise.all(ended)
      const manager = await (await import('@nats-io/jetstream')).jetstreamManager(logs.connection)
      for await (const { config } of manager.streams.list()) {
        if (config.name.includes(prefix)) await manager.streams.delete(config.name)
      }
      await logs.close()
    },
  }
}
