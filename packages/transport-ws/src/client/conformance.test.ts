import { testTransport } from '@midsentence/conformance'
import { wsLines } from '@midsentence/testing/harness/ws-client-harness'
import { byTier } from '@midsentence/testing/tier'

testTransport('a midsentence server over a WebSocket', wsLines, { runs: byTier(8, 50), timeout: 240_000 })
