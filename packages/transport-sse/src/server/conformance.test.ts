import { testServer } from '@midsentence/conformance'
import { httpBench } from '../../../../tests/sse-bench.ts'

testServer('a server over HTTP and server-sent events', httpBench, { runs: 50 })
