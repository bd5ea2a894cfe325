import { defaultPolicy, type Policy, virtualClock } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'
import { rpcDispatcher } from '@midsentence/core/wire'
import { byTier } from '@midsentence/testing/tier'
import { CrashableLogs } from '../kit/crashable-logs.ts'
import { testServer } from './test-server.ts'

const refused = 'a text that is refused'

/** Every room holds, except one. */
const policy: Policy = {
  ...defaultPolicy,
  room: room => (room === 'open' ? { policy: 'annotate' } : {}),
  access: room => ({ observable: room === 'observable', history: room === 'history' }),
  content: content => (content === refused ? { allowed: false, reason: 'It is on a list.' } : { allowed: true }),
}

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
      observable: 'observable',
      history: 'history',
      refused,
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
  { runs: byTier(25, 1000) },
)
