import { testTransport } from '@midsentence/conformance'
import { wsLines } from '../../../../tests/lines/ws-bench.ts'

testTransport('a midsentence server over a WebSocket', wsLines, { runs: 50, timeout: 240_000 })
