import { testServer } from '@midsentence/conformance'
import { wsServerHarness } from '@midsentence/testing/harness/ws-harness'
import { byTier } from '@midsentence/testing/tier'

testServer('a server over a WebSocket', wsServerHarness, { runs: byTier(2, 50) })
