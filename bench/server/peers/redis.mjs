// Redis Streams: XADD with `appendfsync always`, so that it answers after the flush, and XREAD on a second connection.
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { findExecutable, startDaemon, temporaryFolder } from '../../durable/daemon.mjs'
import { openFront } from '../../durable/front.mjs'

export { call } from './raw.mjs'

/** Returns what to install; undefined if the server is there. */
export const missing = () =>
  findExecutable('REDIS_SERVER', 'redis-server')
    ? undefined
    : 'redis-server (apt-get install redis-server), or its path as REDIS_SERVER'

export async function open(readers, publishers) {
  const folder = temporaryFolder()
  const path = join(folder, 'redis.sock')
  const options = { port: 0, unixsocket: path, dir: folder, appendonly: 'yes', appendfsync: 'always', save: '' }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`])
  const daemon = startDaemon(findExecutable('REDIS_SERVER', 'redis-server'), args, { stdio: 'ignore' })
  const connectionOptions = { path, retryStrategy: () => 50, maxRetriesPerRequest: null }
  const [writer, reader] = [new Redis(connectionOptions), new Redis(connectionOptions)]
  // Reported again as a failed call, except while the server starts.
  for (const connection of [writer, reader]) connection.on('error', () => {})
  await Promise.all([writer.ping(), reader.ping()])
  let closing = false
  return openFront(readers, publishers, {
    publish: json => writer.xadd('lobby', '*', 'm', json),
    subscribe(deliver) {
      const read = async () => {
        for (let last = '0-0'; !closing; ) {
          const [[, entries]] = await reader.xread('COUNT', 1000, 'BLOCK', 0, 'STREAMS', 'lobby', last)
          for (const [id, [, json]] of entries) deliver(id, json)
          last = entries.at(-1)[0]
        }
      }
      read().catch(error => {
        if (!closing) throw error
      })
    },
    async close() {
      closing = true
      writer.disconnect()
      reader.disconnect()
      await daemon.end()
    },
  })
}
