import { openHub } from '@midsentence/core/hub'
import { byTier } from '@midsentence/testing/tier'
import { testHub } from './test-hub.ts'

// A run is a whole afternoon in a room. The kit's own number of them is for who has time.
testHub('the hub', { open: openHub, logs: true }, { timeout: 900_000, runs: byTier(30, 10_000) })
