import { testServer } from '@midsentence/conformance'
import { sseServerHarness } from '@midsentence/testing/harness/sse-harness'
import { byTier } from '@midsentence/testing/tier'

testServer('a server over HTTP and server-sent events', sseServerHarness, { runs: byTier(2, 50) })
