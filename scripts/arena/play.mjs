import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { meanOf, ratioOf } from '@midsentence/arena'
import { experimentsOf } from './sets.mjs'

/** Measures that are reported, without those that follow from others. */
const reported = [
  'solved',
  'crossings',
  'stale',
  'overlooked',
  'repeated',
  'messages',
  'discarded',
  'written',
  'readAgain',
  'calls',
  'attemptsMean',
  'attemptsMost',
  'delayMedian',
  'delayP95',
  'delayMost',
  'unevenness',
  'time',
  'cost',
]
const ratios = ['time', 'discarded', 'written', 'readAgain', 'delayP95', 'cost']

const rounded = ({ value, low, high }) => [value, low, high].map(number => Number(number.toPrecision(3)))

/**
 * Plays the experiments of a set, one worker for each core, and returns a row for each experiment, scenario and policy: means, and
 * ratios to the first policy, each with its interval. `say` is given a line of progress.
 */
export async function play(set, { only, seeds: fewer, workers = availableParallelism(), say }) {
  const experiments = await experimentsOf(set)
  const chosen = experiments
    .map((experiment, index) => ({ ...experiment, index }))
    .filter(({ name }) => !only || only.test(name))
  const pool = Array.from(
    { length: workers },
    () => new Worker(new URL('./worker.mjs', import.meta.url), { workerData: { set } }),
  )
  const rows = []
  const began = Date.now()
  let done = 0
  const groups = chosen.flatMap(experiment => experiment.scenarios.map((_, scenario) => ({ experiment, scenario })))
  const jobs = groups.flatMap(({ experiment, scenario }, group) =>
    experiment.policies.map((_, policy) => ({
      group,
      experiment: experiment.index,
      scenario,
      policy,
      seeds: fewer ?? experiment.seeds,
    })),
  )
  const results = groups.map(() => [])
  let next = 0
  await Promise.all(
    pool.map(
      worker =>
        new Promise((resolve, reject) => {
          const take = () => {
            const id = next++
            if (id >= jobs.length) return resolve()
            worker.postMessage({ id, ...jobs[id] })
          }
          worker.on('error', reject)
          worker.on('message', ({ id, runs }) => {
            const { group, policy } = jobs[id]
            results[group][policy] = runs
            const { experiment, scenario } = groups[group]
            if (experiment.policies.every((_, index) => results[group][index])) {
              rows[group] = rowsOf(experiment, scenario, results[group])
              results[group] = []
            }
            done++
            const left = ((Date.now() - began) / done) * (jobs.length - done)
            say(`${done} of ${jobs.length} settings, about ${Math.ceil(left / 60_000)} min left (${experiment.name})`)
            take()
          })
          take()
        }),
    ),
  )
  await Promise.all(pool.map(worker => worker.terminate()))
  return rows.flat()
}

function rowsOf({ name, policies, scenarios }, scenario, runsOfPolicies) {
  const [first] = runsOfPolicies
  return policies.map((policy, index) => {
    const runs = runsOfPolicies[index]
    return {
      experiment: name,
      scenario: scenarios[scenario].name,
      policy: policy.name,
      seeds: runs.length,
      means: Object.fromEntries(reported.map(key => [key, rounded(meanOf(runs, key))])),
      // The worst of all seeds.
      most: Object.fromEntries(['attemptsMost', 'delayMost'].map(key => [key, Math.max(...runs.map(run => run[key]))])),
      unsolved: runs.filter(({ solved }) => solved === 0).length,
      crossed: runs.filter(({ crossings, stale }) => crossings > 0 || stale > 0).length,
      ratios: Object.fromEntries(ratios.map(key => [key, rounded(ratioOf(runs, first, key))])),
    }
  })
}
