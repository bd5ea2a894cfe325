import { CrashableLogs, type ServerHarness, testServer } from '@midsentence/conformance'
import { defaultPolicy, type Policy, virtualClock } from '@midsentence/core'
import { rpcDispatcher } from '@midsentence/core/wire'
import { openClusterHubs } from '@midsentence/testing/cluster/cluster-hubs'
import { chooseBy } from '@midsentence/testing/cluster/spread-hub'
import { byTier } from '@midsentence/testing/tier'

const refused = 'a text that is refused'

/** Every room holds, except one. */
const policy: Policy = {
  ...defaultPolicy,
  room: room => (room === 'open' ? { policy: 'annotate' } : {}),
  access: room => ({ observable: room === 'observable', history: room === 'history' }),
  content: content => (content === refused ? { allowed: false, reason: 'It is on a list.' } : { allowed: true }),
}

/** Makes each call at one of the servers, by their dispatchers. A restart kills all of them. */
async function dispatched(servers: number): Promise<ServerHarness> {
  const clock = virtualClock()
  const logs = new CrashableLogs()
  const choose = chooseBy(servers)
  const start = async () => {
    const { log, sessions, crashed } = logs.open()
    const hubs = await openClusterHubs(servers, { clock, policy, log, sessions })
    return { hubs, crashed, dispatchers: hubs.map(hub => rpcDispatcher(hub)) }
  }
  let cluster = await start()
  return {
    room: 'lobby',
    send: (text, token) =>
      Promise.race([cluster.crashed, choose(cluster.dispatchers).dispatch(text, token === undefined ? {} : { token })]),
    async restart() {
      await logs.crash()
      cluster = await start()
    },
    annotating: 'open',
    observable: 'observable',
    history: 'history',
    refused,
    abandon(text, token) {
      const gone = new AbortController()
      void choose(cluster.dispatchers).dispatch(text, { token, signal: gone.signal })
      return async () => gone.abort()
    },
    async settle() {
      await new Promise(setImmediate)
      await clock.settle()
    },
    pass: ms => clock.advance(ms),
    async close() {
      await Promise.all(cluster.hubs.map(hub => hub.close()))
    },
  }
}

const times = { timeout: 240_000 }
const runs = byTier(3, 500)

testServer('a cluster of one server, by its dispatcher', () => dispatched(1), { ...times, runs })
testServer('a cluster of three servers, each call at one of them', () => dispatched(3), { ...times, runs })
