import { virtualClock } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'
import { rpcDispatcher } from '@midsentence/core/wire'
import { testServer } from './test-server.ts'

testServer(
  'the hub, by its dispatcher',
  async () => {
    const clock = virtualClock()
    const hub = await openHub({ clock })
    const dispatcher = rpcDispatcher(hub)
    return {
      room: 'lobby',
      send: (text, token) => dispatcher.dispatch(text, token === undefined ? {} : { token }),
      settle: () => clock.settle(),
      pass: ms => clock.advance(ms),
      close: () => hub.close(),
    }
  },
  { runs: 200 },
)
