import { defaultPolicy, virtualClock } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'
import { rpcDispatcher } from '@midsentence/core/wire'
import { byTier } from '@midsentence/testing/tier'
import { CrashableLogs } from '../kit/crashable-logs.ts'
import { testServer } from './test-server.ts'

/** Every room holds, except one. */
const policy = { ...defaultPolicy, room: (room: string) => (room === 'open' ? { policy: 'annotate' as const } : {}) }

testServer(
  'the hub, by its dispatcher',
  async () => {
    const clock = virtualClock()
    const logs = new CrashableLogs()
    const start = async () => {
      const { log, sessions, crashed } = logs.open()
      const hub = await openHub({ clock, policy, log, sessions })
      return { hub, crashed, dispatcher: rpcDispatcher(hub) }
    }
    let server = await start()
    return {
      room: 'lobby',
      send: (text, token) =>
        Promise.race([server.crashed, server.dispatcher.dispatch(text, token === undefined ? {} : { token })]),
      async restart() {
        await logs.crash()
        server = await start()
      },
      annotating: 'open',
      abandon(text, token) {
        const gone = new AbortController()
        void server.dispatcher.dispatch(text, { token, signal: gone.signal })
        return async () => gone.abort()
      },
      settle: () => clock.settle(),
      pass: ms => clock.advance(ms),
      close: () => server.hub.close(),
    }
  },
  { runs: byTier(50, 1000) },
)
