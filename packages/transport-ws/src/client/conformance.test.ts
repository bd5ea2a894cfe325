import { testTransport } from '@midsentence/conformance'
import { socketBench } from '../../../../tests/ws/socket-bench.ts'

testTransport('a midsentence server over a WebSocket', socketBench, { runs: 50, timeout: 240_000 })
