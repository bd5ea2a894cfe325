// NATS JetStream with file storage, flushed before each acknowledgement. Delivered by an ordered consumer of the stream.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { findNatsServer, freePort, run, startDaemon, temporaryFolder, untilReady } from '../../durable/daemon.mjs'
import { openFront } from '../../durable/front.mjs'

export { call } from './raw.mjs'

const configOf = (port, folder) => `listen: "127.0.0.1:${port}"
jetstream { store_dir: ${JSON.stringify(folder)}, sync_interval: always }
`

/** Returns what to install; undefined if the server is there. */
export function missing() {
  const file = findNatsServer()
  const needed =
    'nats-server 2.10 or newer (Debian 13: apt-get install nats-server), or its path as MIDSENTENCE_NATS_SERVER'
  if (!file) return needed
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'nats.conf'), configOf(1, folder))
  try {
    run(file, ['-t', '-c', join(folder, 'nats.conf')])
  } catch {
    return `${needed}: ${file} is older, and does not know sync_interval`
  }
}

export async function open(readers, publishers) {
  const folder = temporaryFolder()
  const port = await freePort()
  writeFileSync(join(folder, 'nats.conf'), configOf(port, folder))
  const daemon = startDaemon(findNatsServer(), ['-c', join(folder, 'nats.conf')], {
    stdio: 'ignore',
  })
  const connection = await untilReady(() => connect({ servers: `127.0.0.1:${port}` }))
  const manager = await jetstreamManager(connection)
  await manager.streams.add({ name: 'lobby', subjects: ['lobby'], storage: 'file' })
  const js = jetstream(connection)
  return openFront(readers, publishers, {
    publish: async json => (await js.publish('lobby', json)).seq,
    async subscribe(deliver) {
      const consumer = await js.consumers.get('lobby')
      await consumer.consume({ max_messages: 1000, callback: message => deliver(message.seq, message.string()) })
    },
    async close() {
      await connection.close()
      await daemon.end()
    },
  })
}
