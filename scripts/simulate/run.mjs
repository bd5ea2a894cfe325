// Plays histories of a room by the thousand: the real rooms, on a simulated disk, network and clock, with people who
// write, crash, hang and sit on the floor. Stops at the first that breaks a rule, makes it small, and tells it.

import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { explain, explanationLines, randomPlan, simulate } from '@midsentence/conformance/simulation'

const usage = `Usage: npm run simulate -- [--seeds N] [--from N] [--workers N]
       npm run simulate -- --seed N [--trace]

  --seeds N    how many histories (default 1000)
  --from N     the first one's seed (default 1)
  --workers N  how many are played at a time (default: one a core)
  --seed N     plays one again; where it breaks a rule, makes it small and tells it
  --trace      tells it also where it breaks none

Ends with 0 where no rule is broken, 1 where one is, 2 where it could not run.`

/** So many a worker plays before it says how far it is. */
const SHARE = 50

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
    seed: read('seed'),
    seeds: read('seeds', 1000),
    from: read('from', 1),
    workers: read('workers', availableParallelism()),
  }
}

/** One history, told. */
async function tell(seed, always) {
  const plan = randomPlan(seed)
  let told = 0
  const progress = (tried, { deeds, disasters }) => {
    if (tried < told + 100) return
    told = tried
    process.stderr.write(
      `  makes it small: ${tried} tried, ${deeds.length} deeds and ${disasters.length} disasters left\n`,
    )
  }
  const explained = await explain(plan, { progress })
  if (!explained) {
    if (always) for (const line of (await simulate(plan, { trace: true })).trace) say(line)
    say(`Seed ${seed} breaks no rule.`)
    return 0
  }
  const size = ({ people, deeds, disasters }) =>
    `${people.length} people, ${deeds.length} deeds, ${disasters.length} disasters`
  say(`\nSeed ${seed} breaks a rule. Of ${size(plan)} there are left: ${size(explained.smallest)}.\n`)
  for (const line of explanationLines(explained)) say(line)
  say(`\nAgain: npm run simulate -- --seed ${seed}`)
  return 1
}

/** Many histories, until one breaks a rule. Resolves with its seed, if any. */
function hunt({ from, seeds, workers }, played) {
  let next = from
  let underWay = 0
  let found
  const crew = Array.from(
    { length: Math.min(workers, Math.ceil(seeds / SHARE)) },
    () => new Worker(new URL('worker.mjs', import.meta.url)),
  )
  return new Promise((resolve, reject) => {
    const ended = async () => {
      await Promise.all(crew.map(worker => worker.terminate()))
      resolve(found)
    }
    for (const worker of crew) {
      const share = () => {
        const count = Math.min(SHARE, from + seeds - next)
        if (count <= 0 || found) return underWay === 0 ? ended() : undefined
        worker.postMessage({ from: next, count })
        next += count
        underWay++
      }
      worker.on('message', news => {
        underWay--
        played(news)
        // The least of those that were under way: the same each time.
        if (news.broken && (!found || news.seed < found.seed)) found = news
        share()
      })
      worker.on('error', reject)
      share()
    }
  })
}

async function main() {
  const asked = options()
  if (asked.help) {
    say(usage)
    return 0
  }
  if (asked.seed !== undefined) return tell(asked.seed, asked.trace)

  const began = performance.now()
  const sum = { played: 0, messages: 0, said: 0 }
  const minutes = () => (performance.now() - began) / 60_000
  const sums = () => {
    const speed = `${number(Math.round(sum.played / minutes()))} a minute`
    return `${number(sum.played)} histories, ${number(sum.messages)} messages, ${speed}`
  }
  process.once('SIGINT', () => {
    say(`\nStopped: ${sums()}; no rule broken so far. Go on with --from ${asked.from + sum.played}.`)
    process.exit(130)
  })
  say(`${number(asked.seeds)} histories from seed ${asked.from}, ${asked.workers} at a time.`)
  const broken = await hunt(asked, ({ played, messages }) => {
    sum.played += played
    sum.messages += messages
    const now = minutes()
    if (now < sum.said + (process.stderr.isTTY ? 1 / 60 : 1 / 4)) return
    sum.said = now
    const left = Math.ceil(((asked.seeds - sum.played) / sum.played) * now)
    const line = `  ${number(sum.played)} of ${number(asked.seeds)}, ${number(Math.round(sum.played / now))} a minute, ${left} min left`
    process.stderr.write(process.stderr.isTTY ? `\r${line} ` : `${line}\n`)
  })
  if (process.stderr.isTTY) process.stderr.write('\n')
  if (!broken) {
    say(`No rule broken: ${sums()}.`)
    return 0
  }
  if (broken.failed) {
    say(`Seed ${broken.seed} could not be played to its end: ${broken.failed}`)
    return 1
  }
  return tell(broken.seed, true)
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${error.message}\n\n${usage}\n`)
  process.exitCode = 2
}
