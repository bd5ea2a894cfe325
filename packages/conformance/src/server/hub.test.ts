import { defaultPolicy, virtualClock } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'
import { rpcDispatcher } from '@midsentence/core/wire'
import { testServer } from './test-server.ts'

/** All rooms but one hold. */
const policy = { ...defaultPolicy, room: (room: string) => (room === 'open' ? { policy: 'annotate' as const } : {}) }

testServer(
  'the hub, by its dispatcher',
  async () => {
    const clock = virtualClock()
    const hub = await openHub({ clock, policy })
    const dispatcher = rpcDispatcher(hub)
    return {
      room: 'lobby',
      send: (text, token) => dispatcher.dispatch(text, token === undefined ? {} : { token }),
      annotating: 'open',
      abandon(text, token) {
        const gone = new AbortController()
        void dispatcher.dispatch(text, { token, signal: gone.signal })
        return async () => gone.abort()
      },
      settle: () => clock.settle(),
      pass: ms => clock.advance(ms),
      close: () => hub.close(),
    }
  },
  { runs: 200 },
)
