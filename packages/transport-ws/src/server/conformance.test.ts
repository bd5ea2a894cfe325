import { testServer } from '@midsentence/conformance'
import { socketServerBench } from '@midsentence/testing/harness/ws-harness'

testServer('a server over a WebSocket', socketServerBench, { runs: 50 })
