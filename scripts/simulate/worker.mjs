// Plays the histories of a run of seeds, one after another, and says what came of each.

import { parentPort } from 'node:worker_threads'
import { randomPlan, simulate } from '@midsentence/conformance/simulation'

parentPort.on('message', async ({ from, count }) => {
  let messages = 0
  for (let seed = from; seed < from + count; seed++) {
    const played = await simulate(randomPlan(seed)).catch(error => ({
      messages: 0,
      violations: [],
      failed: String(error.stack),
    }))
    messages += played.messages
    if (played.violations.length === 0 && !played.failed) continue
    parentPort.postMessage({ seed, played: seed - from + 1, messages, failed: played.failed, broken: true })
    return
  }
  parentPort.postMessage({ played: count, messages })
})
