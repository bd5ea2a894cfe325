import { testTransport } from '@midsentence/conformance'
import { wsLines } from '@midsentence/testing/harness/ws-client-harness'

testTransport('a midsentence server over a WebSocket', wsLines, { runs: 50, timeout: 240_000 })
