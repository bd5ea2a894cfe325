import { testServer } from '@midsentence/conformance'
import { wsServerHarness } from '@midsentence/testing/harness/ws-harness'

testServer('a server over a WebSocket', wsServerHarness, { runs: 50 })
