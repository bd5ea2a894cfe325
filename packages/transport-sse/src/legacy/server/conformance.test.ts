import type { Server, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { testTransport } from '@midsentence/conformance'
import type { Transport } from '@midsentence/core'
import { startLegacyServer } from '@midsentence/testing/legacy/legacy-server'
import { byTier } from '@midsentence/testing/tier'
import { describe } from 'vitest'
import { legacyTransport } from '../index.ts'
import { keepalive } from './frames.ts'

/** Turns without a request or a write after which the server is settled. This server does not poll. */
const QUIET_TURNS = 10

/** Waits until `server` has been quiet for some turns. A busy machine makes turns longer, not fewer. */
function settling(server: Server): () => Promise<void> {
  let activity = 0
  const count = () => void activity++
  server.on('request', (_, res: ServerResponse) => {
    count()
    res.on('finish', count)
    const write = res.write.bind(res) as (...args: unknown[]) => boolean
    res.write = ((...args: unknown[]) => {
      if (args[0] !== keepalive) count()
      return write(...args)
    }) as ServerResponse['write']
  })
  return async () => {
    for (let [turns, before] = [0, -1]; turns < QUIET_TURNS; turns++) {
      if (activity !== before) turns = 0
      before = activity
      await pause(2)
    }
  }
}

describe.concurrent('the kit', () => {
  testTransport(
    'the legacy client with our legacy server',
    async () => {
      const server = await startLegacyServer()
      const peers: Transport[] = []
      return {
        room: 'lobby',
        peer: () => {
          const peer = legacyTransport({ url: server.url })
          peers.push(peer)
          return peer
        },
        settle: settling(server.server),
        close: async () => {
          await Promise.all(peers.map(peer => peer.close()))
          await server.stop()
        },
      }
    },
    { runs: byTier(2, 50), timeout: 60_000 },
  )
})
