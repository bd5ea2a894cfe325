// A midsentence server of a cluster, without limits, whose rooms annotate: `server.mjs NATS_URLS PREFIX`. Sends its URL.
import { natsCluster, openClusterHub } from '@midsentence/cluster-nats'
import { startServer } from '@midsentence/server'

const [urls, prefix] = process.argv.slice(2)
const cluster = await natsCluster({ servers: urls.split(','), prefix })
const policy = { room: () => ({ policy: 'annotate' }), limits: () => ({}) }
const server = await startServer({
  port: 0,
  limits: false,
  rooms: { policy },
  openHub: options => openClusterHub({ ...options, ...cluster }),
  legacyDialect: false,
})
process.once('SIGTERM', async () => {
  await server.close()
  await cluster.close()
  process.exit(0)
})
process.send({ url: server.url, id: server.hub.server })
