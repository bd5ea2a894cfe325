import { virtualClock } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'
import { rpcDispatcher } from '@midsentence/core/wire'
import { expect, test } from 'vitest'
import { hostedRules } from './rules/hosted-rules.ts'
import { sessionRules } from './rules/session-rules.ts'
import type { ServerHarness } from './server-harness.ts'

/** A server on the way to which the first so many checks that wait are late: they arrive behind the next call that matters. */
const busy = (late: number) => async (): Promise<ServerHarness> => {
  const clock = virtualClock()
  const hub = await openHub({ clock })
  const dispatcher = rpcDispatcher(hub)
  const kept: (() => void)[] = []
  return {
    room: 'lobby',
    send: async (text, token) => {
      const waits = text.includes('"timeout_ms":20000')
      if (waits && kept.length === 0 && late-- > 0) await new Promise<void>(arrive => kept.push(arrive))
      else if (waits || text.includes('"leave"')) queueMicrotask(() => kept.shift()?.())
      return dispatcher.dispatch(text, token === undefined ? {} : { token })
    },
    settle: () => clock.settle(),
    pass: ms => clock.advance(ms),
    close: () => hub.close(),
  }
}

test('[A5] a check that its caller’s leaving overtakes on its way is no fault of the server', async () => {
  const leaving = sessionRules.find(({ id }) => id === 'A5')!
  for (const late of [0, 1, 3]) await leaving.run(busy(late))
})

const checks = hostedRules.find(({ id }) => id === 'C1')!

test('[C1] two checks that overtake each other on their way are no fault of the server', async () => {
  for (const late of [0, 1, 3]) await checks.run(busy(late))
})

test('[C1] a server at which the earlier check always wins is found', async () => {
  await expect(checks.run(busy(Number.POSITIVE_INFINITY))).rejects.toThrow('an earlier check ended a later one')
})
