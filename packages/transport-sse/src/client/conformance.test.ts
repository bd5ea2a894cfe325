import { testTransport } from '@midsentence/conformance'
import { sseLines } from '@midsentence/testing/harness/sse-client-harness'

testTransport('a midsentence server over HTTP and server-sent events', sseLines, { runs: 50, timeout: 240_000 })
