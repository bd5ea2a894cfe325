import { openHub } from '@midsentence/core/hub'
import { testHub } from './test-hub.ts'

const long = process.env.MIDSENTENCE_TIER === 'long'

// A run is a whole afternoon in a room. The kit's own number of them is for who has time.
testHub('the hub', { open: openHub, logs: true }, { timeout: 300_000, ...(!long && { runs: 300 }) })
