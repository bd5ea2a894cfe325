import { testServer } from '@midsentence/conformance'
import { socketServerBench } from '@midsentence/testing/harness/ws-harness'
import { byTier } from '@midsentence/testing/tier'

testServer('a server over a WebSocket', socketServerBench, { runs: byTier(4, 50) })
