import { virtualClock } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'
import { rpcDispatcher } from '@midsentence/core/wire'
import { expect, test } from 'vitest'
import { hostedRules } from './rules/hosted-rules.ts'
import { sessionRules } from './rules/session-rules.ts'
import type { ServerHarness } from './server-harness.ts'

/** Makes a server that the first `late` waiting checks reach late, after the next check or leave. */
const busy = (late: number) => async (): Promise<ServerHarness> => {
  const clock = virtualClock()
  const hub = await openHub({ clock })
  const dispatcher = rpcDispatcher(hub)
  const delayed: (() => void)[] = []
  return {
    room: 'lobby',
    send: async (text, token) => {
      const waits = text.includes('"timeout_ms":20000')
      if (waits && delayed.length === 0 && late-- > 0) await new Promise<void>(arrive => delayed.push(arrive))
      else if (waits || text.includes('"leave"')) queueMicrotask(() => delayed.shift()?.())
      return dispatcher.dispatch(text, token === undefined ? {} : { token })
    },
    settle: () => clock.settle(),
    pass: ms => clock.advance(ms),
    close: () => hub.close(),
  }
}

test('[A5] the rule accepts a leave that overtakes a check in transit', async () => {
  const leaving = sessionRules.find(({ id }) => id === 'A5')!
  for (const late of [0, 1, 3]) await leaving.run(busy(late))
})

const checks = hostedRules.find(({ id }) => id === 'C1')!

test('[C1] the rule accepts checks that overtake each other in transit', async () => {
  for (const late of [0, 1, 3]) await checks.run(busy(late))
})

test('[C1] the rule catches a server where the earlier check always wins', async () => {
  await expect(checks.run(busy(Number.POSITIVE_INFINITY))).rejects.toThrow('an earlier check ended a later one')
})
