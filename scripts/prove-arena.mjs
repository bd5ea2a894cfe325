// Plays every scenario with every lineup and number of participants under each policy that promises something, and prints what was
// not kept. For larger rooms, where P6 promises nothing, prints how many judged pushes the messages took.

import { parseArgs } from 'node:util'
import * as arena from '@midsentence/arena'

const usage = `Usage: npm run prove:arena -- [--seeds N] [--from N] [--scenario NAME] [--participants N,N]

  --seeds N           Seeds of each setting. Default 1000.
  --from N            The first seed. Default 1.
  --scenario NAME     Plays this scenario alone.
  --participants N,N  Numbers of participants. Default 2,3,4,6,8,16.

Exits with 0 if every promise was kept, 1 if one was not, and 2 if it could not run.`

const say = line => process.stdout.write(`${line}\n`)
const isScenario = value => value instanceof Object && 'deal' in value

function optionsOf(args) {
  const text = { type: 'string' }
  const { values } = parseArgs({
    args,
    options: { seeds: text, from: text, scenario: text, participants: text, help: { type: 'boolean' } },
  })
  if (values.help) return undefined
  const { seeds = '1000', from = '1', scenario, participants = '2,3,4,6,8,16' } = values
  const scenarios = [...new Set(Object.values(arena).flat().filter(isScenario))]
  const chosen = scenarios.filter(({ name }) => scenario === undefined || name === scenario)
  const sizes = participants.split(',').map(Number)
  const numbers = [Number(seeds), Number(from), ...sizes]
  if (chosen.length === 0 || !numbers.every(number => Number.isInteger(number) && number > 0)) throw new Error(usage)
  return { seeds: Number(seeds), from: Number(from), scenarios: chosen, sizes }
}

/** Plays the seeds of a setting. Returns how often messages took 1, 2, … judged pushes, and what was not kept. */
async function play(setting, { seeds, from }) {
  const pushes = []
  const broken = []
  for (let seed = from; seed < from + seeds; seed++) {
    const result = await arena.run({ ...setting, seed, profile: arena.profiles.hosted })
    broken.push(...arena.brokenPromises(setting.policy, result).map(promise => `seed ${seed}: ${promise}`))
    for (const { judged } of result.authors.flatMap(author => arena.judgedPushesOf(author)))
      pushes[judged] = (pushes[judged] ?? 0) + 1
  }
  return { pushes, broken }
}

/** The number of judged pushes that `share` of the messages needed at most. */
function pushesOf(pushes, share) {
  const total = pushes.reduce((sum, count) => sum + count, 0)
  return pushes.findIndex((_, at) => pushes.slice(0, at + 1).reduce((sum, count) => sum + count, 0) >= share * total)
}

async function prove(options) {
  const promising = arena.policies.filter(({ room, writes }) => room.policy === 'hold' || writes !== 'any time')
  let [runs, failures] = [0, 0]
  for (const scenario of options.scenarios) {
    for (const participants of options.sizes) {
      for (const policy of promising) {
        for (const lineup of Object.keys(arena.lineups)) {
          const { pushes, broken } = await play({ scenario, participants, policy, lineup }, options)
          runs += options.seeds
          failures += broken.length
          const figures = [0.5, 0.99, 1].map(share => pushesOf(pushes, share)).join(' / ')
          say(`${scenario.name}, ${participants} participants, ${policy.name}, ${lineup}: pushes ${figures}`)
          for (const each of broken) say(`  ${each}`)
        }
      }
    }
  }
  say(`${runs} runs, ${failures} promises not kept. Pushes of a message: median / 99 % / most.`)
  return failures === 0 ? 0 : 1
}

try {
  const options = optionsOf(process.argv.slice(2))
  if (options) process.exitCode = await prove(options)
  else say(usage)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 2
}
