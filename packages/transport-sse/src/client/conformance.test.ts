import { testTransport } from '@midsentence/conformance'
import { hubBench } from '../../../../tests/sse/hub-bench.ts'

testTransport('a midsentence server over HTTP and server-sent events', hubBench, { runs: 50, timeout: 240_000 })
