import { testTransport } from '@midsentence/conformance'
import { sseLines } from '../../../../tests/lines/sse-bench.ts'

testTransport('a midsentence server over HTTP and server-sent events', sseLines, { runs: 50, timeout: 240_000 })
