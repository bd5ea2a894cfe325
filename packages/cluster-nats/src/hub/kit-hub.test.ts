import { type HubHarness, testHub } from '@midsentence/conformance'
import { openClusterHubs } from '@midsentence/testing/cluster/cluster-hubs'
import { chooseBy, spreadHub } from '@midsentence/testing/cluster/spread-hub'
import { byTier } from '@midsentence/testing/tier'

const cluster = (servers: number): HubHarness => {
  const choose = chooseBy(servers)
  return {
    open: async parts => spreadHub(await openClusterHubs(servers, parts), choose),
    logs: true,
    settle: () => new Promise(setImmediate),
  }
}

testHub('a cluster of one server', cluster(1), { timeout: 900_000, runs: byTier(10, 300) })
testHub('a cluster of three servers, each call at one of them', cluster(3), {
  timeout: 900_000,
  runs: byTier(20, 600),
})
