import { rule, type ServerHarness, serverRules, testTransport, transportRules } from '@midsentence/conformance'
import { virtualClock } from '@midsentence/core'
import { restartHarness } from '@midsentence/testing/harness/restart-harness'
import { connectSse } from '@midsentence/testing/harness/sse-client-harness'
import { callsTo } from '@midsentence/testing/harness/sse-harness'
import { connectWs } from '@midsentence/testing/harness/ws-client-harness'
import { emptyRestartServer, restartableServer } from '@midsentence/testing/servers/restartable-server'
import { byTier } from '@midsentence/testing/tier'
import { describe, expect, test } from 'vitest'

const options = { runs: byTier(2, 100), timeout: 900_000 }

testTransport(
  'event streams of a server that dies in the middle',
  () => restartHarness(restartableServer, connectSse),
  options,
)
testTransport(
  'WebSockets of a server that dies in the middle',
  () => restartHarness(restartableServer, connectWs),
  options,
)

test.each([
  ['event streams', connectSse],
  ['WebSockets', connectWs],
])('that a server forgets when it dies is found over %s', async (_, way) => {
  const broken: string[] = []
  for (const { id, run } of transportRules.filter(({ id }) => ['P1', 'P3', 'P4', 'L3'].includes(id))) {
    await run(() => restartHarness(emptyRestartServer, way), { ...options, runs: 10, shrink: false }).catch(() =>
      broken.push(id),
    )
  }
  expect(broken).toEqual(['P1', 'P3', 'P4', 'L3'])
})

/** A server dies before so many calls, where nobody waits for an answer. */
const CALLS_A_LIFE = 3

async function mortalBench(): Promise<ServerHarness> {
  const clock = virtualClock()
  const { url, quiet, crash, close } = await restartableServer(clock)
  const { send } = callsTo(url)
  let reborn = Promise.resolve()
  let waiting = 0
  let calls = 0
  const restart = () => {
    crash!()
    reborn = quiet()
    return reborn
  }
  return {
    room: 'lobby',
    async send(text, token) {
      if (waiting++ === 0 && ++calls % CALLS_A_LIFE === 0) restart()
      await reborn
      return send(text, token).finally(() => waiting--)
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

/** What a server may forget when it dies, by the protocol, and the rules whose stories need it. */
const forgettable: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['F1', 'F2', 'F3', 'F4', 'F5', 'P5', 'P6', 'R1'].map(id => [id, 'holds that counted'])),
  R3: 'what exactly was given',
  A4: 'who was there',
}

describe('a server that dies between its answers', async () => {
  const bench = await mortalBench()
  for (const { id, needs, run } of serverRules) {
    if (needs.some(need => bench[need] === undefined) || forgettable[id]) continue
    test(`[${id}] ${rule(id).title}`, () => run(mortalBench, options), options.timeout)
  }
  await bench.close()
})
