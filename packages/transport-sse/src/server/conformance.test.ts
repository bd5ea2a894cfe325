import { testServer } from '@midsentence/conformance'
import { sseServerHarness } from '@midsentence/testing/harness/sse-harness'

testServer('a server over HTTP and server-sent events', sseServerHarness, { runs: 50 })
