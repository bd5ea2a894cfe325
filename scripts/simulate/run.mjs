// Simulates thousands of random plans: the real hub on a simulated disk, network and clock, with clients that write,
// crash, stall and keep the floor. Stops at the first plan that breaks a rule, shrinks it and prints it.

import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { bundleCluster, loadSimulation } from './load.mjs'

const usage = `Usage: npm run simulate -- [--cluster] [--seeds N] [--from N] [--workers N]
       npm run simulate -- [--cluster] --seed N [--trace]

  --cluster    Simulates two or three servers that share their rooms. Default: one server.
  --seeds N    How many seeds to simulate. Default 1000.
  --from N     The first seed. Default 1.
  --workers N  How many run at a time. Default: one for each core.
  --seed N     Simulates one seed. If it breaks a rule, shrinks it and prints it.
  --trace      With --seed: prints the trace even if no rule is broken.

Exits with 0 if no rule is broken, 1 if one is, and 2 if it could not run.`

/** How many seeds a worker simulates before it reports. */
const SHARE_OF_WORKER = 50

const say = line => process.stdout.write(`${line}\n`)
const exact = new Intl.NumberFormat('en')
const number = value => exact.format(value)

function options() {
  const whole = { type: 'string' }
  const { values } = parseArgs({
    options: {
      seeds: whole,
      from: whole,
      workers: whole,
      seed: whole,
      trace: { type: 'boolean' },
      cluster: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  const read = (name, fallback) => {
    if (values[name] === undefined) return fallback
    const value = Number(values[name])
    const least = name === 'seed' || name === 'from' ? 0 : 1
    if (Number.isInteger(value) && value >= least && value <= 2 ** 32 - 1) return value
    throw new Error(`--${name} takes a whole number from ${least}, not ${JSON.stringify(values[name])}.`)
  }
  return {
    help: values.help,
    trace: values.trace,
    cluster: values.cluster,
    seed: read('seed'),
    seeds: read('seeds', 1000),
    from: read('from', 1),
    workers: read('workers', availableParallelism()),
  }
}

/** Simulates one seed and prints the result. `always`: prints the trace even if no rule is broken. */
async function simulateOne({ cluster, bundle }, seed, always) {
  // Loaded here, so that a wrong option is answered at once.
  const { explain, explanationLines, randomPlan, simulate } = await loadSimulation(bundle)
  const plan = randomPlan(seed)
  let reported = 0
  const progress = (tried, { actions, faults }) => {
    if (tried < reported + 100) return
    reported = tried
    process.stderr.write(
      `  shrinking: ${tried} plans tried, ${actions.length} actions and ${faults.length} faults left\n`,
    )
  }
  const explanation = await explain(plan, { progress })
  if (!explanation) {
    if (always) for (const line of (await simulate(plan, { trace: true })).trace) say(line)
    say(`Seed ${seed} breaks no rule.`)
    return 0
  }
  const size = ({ clients, actions, faults }) =>
    `${clients.length} clients, ${actions.length} actions, ${faults.length} faults`
  say(`\nSeed ${seed} breaks a rule. Shrunk from ${size(plan)} to ${size(explanation.smallest)}.\n`)
  for (const line of explanationLines(explanation)) say(line)
  say(`\nAgain: npm run simulate --${cluster ? ' --cluster' : ''} --seed ${seed}`)
  return 1
}

/** Simulates many seeds until one breaks a rule. Resolves with the report of that seed, if any. */
function simulateMany({ from, seeds, workers, bundle }, simulated) {
  let next = from
  let inFlight = 0
  let found
  const pool = Array.from(
    { length: Math.min(workers, Math.ceil(seeds / SHARE_OF_WORKER)) },
    () => new Worker(new URL('worker.mjs', import.meta.url), { workerData: { bundle } }),
  )
  return new Promise((resolve, reject) => {
    const ended = async () => {
      await Promise.all(pool.map(worker => worker.terminate()))
      resolve(found)
    }
    for (const worker of pool) {
      const assign = () => {
        const count = Math.min(SHARE_OF_WORKER, from + seeds - next)
        if (count <= 0 || found) return inFlight === 0 ? ended() : undefined
        worker.postMessage({ from: next, count })
        next += count
        inFlight++
      }
      worker.on('message', report => {
        inFlight--
        simulated(report)
        // The lowest seed of all in flight, so that every run reports the same one.
        if (report.broken && (!found || report.seed < found.seed)) found = report
        assign()
      })
      worker.on('error', reject)
      assign()
    }
  })
}

async function main() {
  const chosen = options()
  if (chosen.help) {
    say(usage)
    return 0
  }
  const bundle = chosen.cluster ? await bundleCluster() : undefined
  try {
    return await simulateChosen({ ...chosen, bundle: bundle?.url })
  } finally {
    await bundle?.remove()
  }
}

async function simulateChosen(chosen) {
  if (chosen.seed !== undefined) return simulateOne(chosen, chosen.seed, chosen.trace)

  const began = performance.now()
  const sum = { simulated: 0, messages: 0, reportedAt: 0 }
  const minutes = () => (performance.now() - began) / 60_000
  const summary = () => {
    const speed = `${number(Math.round(sum.simulated / minutes()))} a minute`
    return `${number(sum.simulated)} seeds, ${number(sum.messages)} messages, ${speed}`
  }
  process.once('SIGINT', () => {
    say(`\nStopped: ${summary()}; no rule broken so far. Continue with --from ${chosen.from + sum.simulated}.`)
    process.exit(130)
  })
  say(`${number(chosen.seeds)} seeds from ${chosen.from}, ${chosen.workers} at a time.`)
  const broken = await simulateMany(chosen, ({ simulated, messages }) => {
    sum.simulated += simulated
    sum.messages += messages
    const now = minutes()
    if (now < sum.reportedAt + (process.stderr.isTTY ? 1 / 60 : 1 / 4)) return
    sum.reportedAt = now
    const left = Math.ceil(((chosen.seeds - sum.simulated) / sum.simulated) * now)
    const line = `  ${number(sum.simulated)} of ${number(chosen.seeds)}, ${number(Math.round(sum.simulated / now))} a minute, ${left} min left`
    process.stderr.write(process.stderr.isTTY ? `\r${line} ` : `${line}\n`)
  })
  if (process.stderr.isTTY) process.stderr.write('\n')
  if (!broken) {
    say(`No rule broken: ${summary()}.`)
    return 0
  }
  if (broken.failed) {
    say(`Seed ${broken.seed} failed with an error: ${broken.failed}`)
    return 1
  }
  return simulateOne(chosen, broken.seed, true)
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${error.message}\n\n${usage}\n`)
  process.exitCode = 2
}
