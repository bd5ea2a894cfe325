// Simulates a range of seeds, one after another, and reports the first that breaks a rule, or the total.

import { parentPort, workerData } from 'node:worker_threads'
import { loadSimulation } from './load.mjs'

const { randomPlan, simulate } = await loadSimulation(workerData.bundle)

parentPort.on('message', async ({ from, count }) => {
  let messages = 0
  for (let seed = from; seed < from + count; seed++) {
    const result = await simulate(randomPlan(seed)).catch(error => ({
      messages: 0,
      violations: [],
      failed: String(error.stack),
    }))
    messages += result.messages
    if (result.violations.length === 0 && !result.failed) continue
    parentPort.postMessage({ seed, simulated: seed - from + 1, messages, failed: result.failed, broken: true })
    return
  }
  parentPort.postMessage({ simulated: count, messages })
})
