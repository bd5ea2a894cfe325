import { testTransport } from '@midsentence/conformance'
import { sseClientHarness } from '@midsentence/testing/harness/sse-client-harness'
import { byTier } from '@midsentence/testing/tier'

testTransport('a midsentence server over HTTP and server-sent events', sseClientHarness, {
  runs: byTier(4, 50),
  timeout: 240_000,
})
