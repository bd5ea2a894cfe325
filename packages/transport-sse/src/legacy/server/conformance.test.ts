import type { Server, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { testTransport } from '@midsentence/conformance'
import type { Transport } from '@midsentence/core'
import { startLegacyServer } from '@midsentence/testing/legacy/legacy-server'
import { byTier } from '@midsentence/testing/tier'
import { describe } from 'vitest'
import { legacyTransport } from '../index.ts'
import { keepalive } from './frames.ts'

/** Nobody polls here: where nothing was asked and nothing was written for so many turns, everything is where it goes. */
const QUIET_TURNS = 10

/** Waits until `server` has been quiet for a while, counted in turns: a busy machine makes them longer, not fewer. */
function settling(server: Server): () => Promise<void> {
  let doings = 0
  const doing = () => void doings++
  server.on('request', (_, res: ServerResponse) => {
    doing()
    res.on('finish', doing)
    const write = res.write.bind(res) as (...given: unknown[]) => boolean
    res.write = ((...given: unknown[]) => {
      if (given[0] !== keepalive) doing()
      return write(...given)
    }) as ServerResponse['write']
  })
  return async () => {
    for (let [turns, before] = [0, -1]; turns < QUIET_TURNS; turns++) {
      if (doings !== before) turns = 0
      before = doings
      await pause(2)
    }
  }
}

describe.concurrent('the kit', () => {
  testTransport(
    'the dialect, ours on both sides',
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
    { runs: byTier(4, 50), timeout: 60_000 },
  )
})
