import { testTransport } from '@midsentence/conformance'
import { sseClientHarness } from '@midsentence/testing/harness/sse-client-harness'

testTransport('a midsentence server over HTTP and server-sent events', sseClientHarness, { runs: 50, timeout: 240_000 })
