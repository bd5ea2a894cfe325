import { type HubHarness, testHub } from '@midsentence/conformance'
import { openClusterHubs } from '@midsentence/testing/cluster/cluster-hubs'
import { chooseBy, spreadHub } from '@midsentence/testing/cluster/spread-hub'
import { byTier } from '@midsentence/testing/tier'

/** Runs with servers whose renewals do not fill the virtual time that passes. */
const clusterTimes = { renew_ms: 20_000, term_ms: 60_000, dead_ms: 90_000 }

const cluster = (servers: number): HubHarness => {
  const choose = chooseBy(servers)
  return {
    open: async parts => spreadHub(await openClusterHubs(servers, { ...parts, clusterTimes }), choose),
    logs: true,
    settle: () => new Promise(setImmediate),
  }
}

testHub('a cluster of one server', cluster(1), { timeout: 900_000, runs: byTier(10, 2000) })
testHub('a cluster of three servers, each call at one of them', cluster(3), {
  timeout: 900_000,
  runs: byTier(20, 5000),
})
