import { defaultPolicy, memoryLog, memorySessions, virtualClock } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'
import { rpcDispatcher } from '@midsentence/core/wire'
import { lifeOn } from '@midsentence/testing/logs/restartable-logs'
import { byTier } from '@midsentence/testing/tier'
import { testServer } from './test-server.ts'

/** All rooms but one hold. */
const policy = { ...defaultPolicy, room: (room: string) => (room === 'open' ? { policy: 'annotate' as const } : {}) }

testServer(
  'the hub, by its dispatcher',
  async () => {
    const clock = virtualClock()
    const kept = { log: memoryLog(), sessions: memorySessions() }
    let life = lifeOn(kept)
    const alive = async () => {
      const hub = await openHub({ clock, policy, log: life.log, sessions: life.sessions })
      return { hub, dispatcher: rpcDispatcher(hub) }
    }
    let { hub, dispatcher } = await alive()
    return {
      room: 'lobby',
      send: (text, token) => Promise.race([life.over, dispatcher.dispatch(text, token === undefined ? {} : { token })]),
      async restart() {
        life.end()
        life = lifeOn(kept)
        ;({ hub, dispatcher } = await alive())
      },
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
  { runs: byTier(50, 1000) },
)
