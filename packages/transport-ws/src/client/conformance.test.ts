import { testTransport } from '@midsentence/conformance'
import { wsClientHarness } from '@midsentence/testing/harness/ws-client-harness'
import { byTier } from '@midsentence/testing/tier'

testTransport('a midsentence server over a WebSocket', wsClientHarness, { runs: byTier(4, 50), timeout: 240_000 })
