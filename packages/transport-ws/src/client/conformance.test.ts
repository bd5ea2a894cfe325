import { testTransport } from '@midsentence/conformance'
import { wsClientHarness } from '@midsentence/testing/harness/ws-client-harness'

testTransport('a midsentence server over a WebSocket', wsClientHarness, { runs: 50, timeout: 240_000 })
