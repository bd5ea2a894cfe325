import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { type FaultName, faults } from './faults.ts'
import { RetryingCaller } from './retrying-caller.ts'
import { runningCluster } from './running-cluster.ts'

/** How many answers every writer has after a fault before the next one. */
const ANSWERS = 10
const WRITERS = ['Ada', 'Ben', 'Cyd', 'Dan']

export interface FaultReport {
  /** The longest time of each round from the first try of a call to its answer, in milliseconds. */
  readonly longest: readonly number[]
  readonly messages: number
  readonly answers: number
}

/**
 * Breaks a cluster under load, `rounds` times in the same way. Then checks that the room has each acknowledged message once, in one
 * order, that each participant received those of all others once and in order, and that the drafts are kept.
 */
export async function faultRounds(fault: FaultName, rounds: number, seed: number): Promise<FaultReport> {
  const cluster = await runningCluster()
  const random = seededRandom(seed)
  const addresses = () => cluster.servers.map(({ url }) => url)
  const writers = WRITERS.map(name => new RetryingCaller(name, random, addresses))
  const reader = new RetryingCaller('Reader', random, addresses)
  for (const caller of [reader, ...writers]) await caller.join()
  // A session that never made a call ends after a minute.
  await reader.finish()
  const writing = Promise.all(writers.map(writer => writer.write()))
  const failed = writing.then(() => 'ended' as const)
  const longest: number[] = []
  const enough = async (more: number) => {
    const due = writers.map(({ answers }) => answers + more)
    while (writers.some(({ answers }, at) => answers < due[at]!)) {
      if ((await Promise.race([failed, sleep(20)])) === 'ended') return
    }
  }
  await enough(ANSWERS)
  for (let round = 0; round < rounds; round++) {
    for (const writer of writers) writer.forgetTimes()
    await Promise.race([failed, faults[fault](cluster, writers)])
    await enough(ANSWERS)
    longest.push(Math.max(...writers.map(writer => writer.longest)))
  }
  for (const writer of writers) writer.stop()
  await writing
  for (const caller of [...writers, reader]) await caller.finish()
  const room = reader.received
  expect(room.map(({ seq }) => seq)).toEqual(room.map((_, nth) => nth + 1))
  const sent = writers.flatMap(({ name, sent }) => sent.map(message => ({ ...message, sender_id: name })))
  const kept = room.map(({ seq, content, sender_id }) => ({ seq, content, sender_id }))
  expect(kept).toEqual(sent.sort((a, b) => a.seq - b.seq))
  for (const { name, received } of writers) expect(received).toEqual(room.filter(({ sender_id }) => sender_id !== name))
  return { longest, messages: room.length, answers: writers.reduce((sum, { answers }) => sum + answers, 0) }
}

/** Creates a linear congruential generator (MINSTD). */
function seededRandom(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}
