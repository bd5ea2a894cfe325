import { testTransport } from '@midsentence/conformance'
import { systemClock, type Transport } from '@midsentence/core'
import { pythonServerMissing, startPythonServer } from '@midsentence/testing/legacy/python-server'
import { describe, test } from 'vitest'
import { legacyTransport } from './index.ts'

const missing = pythonServerMissing()

/** The server polls its queues once a second, so after two polls everything is delivered. */
const TWO_POLLS_MS = 2200

describe.skipIf(missing !== undefined).concurrent('the kit', () => {
  testTransport(
    'the existing Python chat server',
    async () => {
      const server = await startPythonServer()
      const peers: Transport[] = []
      const clock = systemClock()
      return {
        room: 'lobby',
        peer: () => {
          const peer = legacyTransport({ url: server.url })
          peers.push(peer)
          return peer
        },
        settle: () =>
          new Promise(settled => {
            clock.after(TWO_POLLS_MS, settled)
          }),
        close: async () => {
          await Promise.all(peers.map(peer => peer.close()))
          await server.stop()
        },
      }
    },
    { runs: 1, timeout: 120_000 },
  )
})

test.runIf(missing !== undefined)(`the kit was not run over the existing Python chat server: ${missing}`, context => {
  if (process.env.CI) throw new Error(missing)
  context.skip(missing)
})
