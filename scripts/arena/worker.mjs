import { parentPort, workerData } from 'node:worker_threads'
import { sample } from '@midsentence/arena'
import { experimentsOf } from './sets.mjs'

const experiments = await experimentsOf(workerData.set)

parentPort.on('message', async ({ id, experiment, scenario, policy, seeds }) => {
  const { setting, scenarios, policies } = experiments[experiment]
  const runs = []
  for await (const measures of sample({ ...setting, scenario: scenarios[scenario], policy: policies[policy] }, seeds))
    runs.push(measures)
  parentPort.postMessage({ id, runs })
})
