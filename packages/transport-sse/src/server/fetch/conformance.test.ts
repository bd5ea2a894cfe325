import { testServer } from '@midsentence/conformance'
import { fetchServerHarness } from '@midsentence/testing/harness/sse-harness'
import { byTier } from '@midsentence/testing/tier'

testServer('a server for web-standard requests', fetchServerHarness, { runs: byTier(2, 50) })
