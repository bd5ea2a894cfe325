import { testServer } from '@midsentence/conformance'
import { httpBench } from '@midsentence/testing/harness/sse-harness'

testServer('a server over HTTP and server-sent events', httpBench, { runs: 50 })
