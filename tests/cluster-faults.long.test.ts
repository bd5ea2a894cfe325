import { skipsNats } from '@midsentence/testing/nats/nats-servers'
import { expect, test } from 'vitest'
import { faultRounds } from './cluster/fault-rounds.ts'
import { type FaultName, faults } from './cluster/faults.ts'

/** Rounds of each fault; `npm run prove:cluster` sets 20, and five times as many kills of an owner. */
const rounds = Number(process.env.MIDSENTENCE_CLUSTER_ROUNDS ?? 3)
const seed = Number(process.env.MIDSENTENCE_CLUSTER_SEED ?? 1)

const roundsOf = (fault: FaultName): number => (rounds > 3 && fault === 'owner killed' ? 5 * rounds : rounds)

const TIMEOUT_MS = 60 * 60_000

test.skipIf(skipsNats).each(Object.keys(faults) as FaultName[])(
  '[G1, G15, G16] three servers over three NATS servers, %s under load: nothing acknowledged is lost or doubled',
  async fault => {
    const { longest, messages, answers } = await faultRounds(fault, roundsOf(fault), seed)
    const seconds = longest.map(ms => (ms / 1000).toFixed(1)).join(', ')
    process.stdout.write(
      `${fault}: ${messages} messages, ${answers} answers; longest call of each round, s: ${seconds}\n`,
    )
    expect(messages).toBeGreaterThan(10)
  },
  TIMEOUT_MS,
)
