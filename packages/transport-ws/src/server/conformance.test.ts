import { testServer } from '@midsentence/conformance'
import { socketServerBench } from '../../../../tests/ws/server-bench.ts'

testServer('a server over a WebSocket', socketServerBench, { runs: 50 })
