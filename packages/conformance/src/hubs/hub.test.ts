import { openHub } from '@midsentence/core/hub'
import { testHub } from './test-hub.ts'

testHub('the hub', { open: openHub, logs: true }, { timeout: 300_000 })
