import { testServer, testTransport } from '@midsentence/conformance'
import { blackBox } from '@midsentence/conformance/black-box'
import { openClusterHubs } from '@midsentence/testing/cluster/cluster-hubs'
import { chooseBy } from '@midsentence/testing/cluster/spread-hub'
import { clientHarness } from '@midsentence/testing/harness/client-harness'
import { connectSse } from '@midsentence/testing/harness/sse-client-harness'
import { sseServerHarness } from '@midsentence/testing/harness/sse-harness'
import { connectWs } from '@midsentence/testing/harness/ws-client-harness'
import { wsServerHarness } from '@midsentence/testing/harness/ws-harness'
import { clusterServer } from '@midsentence/testing/servers/hub-server'
import { expect, onTestFinished, test } from 'vitest'

const times = { timeout: 900_000, runs: 30 }
const choose = chooseBy(7)

testServer(
  'three servers over HTTP, each request at one of them',
  () => sseServerHarness(options => openClusterHubs(3, options), choose),
  times,
)
testServer(
  'three servers over WebSockets, each socket at one of them',
  () => wsServerHarness(options => openClusterHubs(3, options), choose),
  times,
)
testTransport(
  'three servers and clients over HTTP, each request at one of them',
  () => clientHarness(options => clusterServer(options, 3, choose), connectSse),
  times,
)
testTransport(
  'three servers and clients over WebSockets, each socket at one of them',
  () => clientHarness(options => clusterServer(options, 3, choose), connectWs),
  times,
)

test.each([1, 3])(
  'the black box finds nothing in a cluster of %i, each request at one of its servers',
  async servers => {
    const server = await clusterServer({}, servers, choose)
    onTestFinished(() => server.close())
    const report = await blackBox({ url: server.url, seed: 7, runs: 20 })
    expect(report.outcomes.filter(({ outcome }) => outcome === 'fail')).toEqual([])
    // As of one server; tests/black-box.test.ts names the rules that are skipped.
    const skipped = report.outcomes.flatMap(({ id, outcome }) => (outcome === 'skipped' ? [id] : []))
    expect(skipped).toEqual([
      'H2',
      'H3',
      'L3',
      'L7',
      'A4',
      'A7',
      'A8',
      'V4',
      'Y3',
      'G1',
      'I1',
      'I2',
      'I3',
      'I4',
      'I5',
      'I6',
      'I7',
      'I8',
      'I9',
    ])
    const rooms = await server.hub.admin!.rooms()
    expect(rooms.filter(({ participants }) => participants > 0)).toEqual([])
  },
)
