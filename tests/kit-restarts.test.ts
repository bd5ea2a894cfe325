import {
  reasonToSkip,
  rule,
  type ServerHarness,
  serverRules,
  type TransportSetup,
  transportRules,
} from '@midsentence/conformance'
import { virtualClock } from '@midsentence/core'
import { restartHarness } from '@midsentence/testing/harness/restart-harness'
import { connectSse } from '@midsentence/testing/harness/sse-client-harness'
import { callsTo } from '@midsentence/testing/harness/sse-harness'
import { connectWs } from '@midsentence/testing/harness/ws-client-harness'
import { emptyRestartServer, restartableServer } from '@midsentence/testing/servers/restartable-server'
import { byTier, isLongTier } from '@midsentence/testing/tier'
import { describe, expect, test } from 'vitest'

const options = { runs: byTier(1, 100), timeout: 900_000 }

/** A crash loses the counted holds that earn a floor. `npm run test:long` also tries O1, which restarts the most servers. */
const floorRules: readonly string[] = ['F2', 'F5', 'F6']

function testRestarts(name: string, setup: TransportSetup): void {
  describe(name, () => {
    for (const { id, needs, run } of transportRules) {
      if (floorRules.includes(id) || (id === 'O1' && !isLongTier)) continue
      test(`[${id}] ${rule(id).title}`, { timeout: options.timeout }, async context => {
        const reason = await reasonToSkip(setup, needs)
        if (reason) context.skip(reason)
        await run(setup, options)
      })
    }
  })
}

testRestarts('event streams of a server that crashes', () => restartHarness(restartableServer, connectSse))
if (isLongTier) testRestarts('WebSockets of a server that crashes', () => restartHarness(restartableServer, connectWs))

test.each(
  byTier(
    [['event streams', connectSse] as const],
    [['event streams', connectSse] as const, ['WebSockets', connectWs] as const],
  ),
)('the kit catches a server that loses its rooms in a crash, over %s', async (_, connect) => {
  const broken: string[] = []
  for (const { id, run } of transportRules.filter(({ id }) => ['P4', 'L3'].includes(id))) {
    await run(() => restartHarness(emptyRestartServer, connect), { ...options, runs: 10, shrink: false }).catch(() =>
      broken.push(id),
    )
  }
  expect(broken).toEqual(['P4', 'L3'])
})

/** The server crashes before every third call, if no other call is in flight. */
const CALLS_PER_CRASH = 3

async function crashingServer(): Promise<ServerHarness> {
  const clock = virtualClock()
  const { url, quiet, crash, close } = await restartableServer(clock)
  const { send } = callsTo(url)
  let restarted = Promise.resolve()
  let inFlight = 0
  let calls = 0
  const restart = () => {
    crash!()
    restarted = quiet()
    return restarted
  }
  return {
    room: 'lobby',
    async send(text, token) {
      if (inFlight++ === 0 && ++calls % CALLS_PER_CRASH === 0) restart()
      await restarted
      return send(text, token).finally(() => inFlight--)
    },
    settle: quiet,
    async pass(ms) {
      await clock.advance(ms)
      await quiet()
    },
    restart,
    close,
  }
}

/** Rules that `npm test` tries; `npm run test:long` tries all. */
const smokeRules: readonly string[] = ['D1', 'P3', 'P4', 'L3']

/** Rules that need state which the protocol lets a crash lose, and that state. */
const volatileState: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'P5', 'P6', 'R1'].map(id => [id, 'counted holds'])),
  R3: 'the exact messages of an answer',
  A4: 'the participants',
  Y4: 'the laps',
  Y5: 'the hush',
}

describe('a server that crashes between its answers', async () => {
  const harness = await crashingServer()
  for (const { id, needs, run } of serverRules) {
    if (needs.some(need => harness[need] === undefined) || volatileState[id]) continue
    if (!isLongTier && !smokeRules.includes(id)) continue
    test(`[${id}] ${rule(id).title}`, () => run(crashingServer, options), options.timeout)
  }
  await harness.close()
})
