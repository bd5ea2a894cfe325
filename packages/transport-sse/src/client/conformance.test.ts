import { testTransport } from '@midsentence/conformance'
import { sseLines } from '@midsentence/testing/harness/sse-client-harness'
import { byTier } from '@midsentence/testing/tier'

testTransport('a midsentence server over HTTP and server-sent events', sseLines, {
  runs: byTier(8, 50),
  timeout: 240_000,
})
