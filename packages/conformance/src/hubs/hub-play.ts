import { defaultRoomSettings, type RoomPolicy } from '@midsentence/core'
import fc from 'fast-check'
import { BrokenRule } from '../kit/broken-rule.ts'
import type { RunOptions } from '../transport/transport-rule.ts'
import { commands } from './commands.ts'
import type { HubBench, HubPlace } from './hub-harness.ts'
import { Rehearsal } from './model-run.ts'
import { ReferenceRoom } from './reference/reference-room.ts'

/** One way to try a hub at random: what it is tried on, and what it rejects with, a `BrokenRule`, where a rule breaks. */
export interface HubPlay<T> {
  readonly cases: fc.Arbitrary<T>
  play(bench: HubBench, tried: T): Promise<void>
}

interface Place {
  readonly policy: RoomPolicy
  readonly tail: number
  readonly snapshotEvery: HubPlace['snapshotEvery']
}

/** Rooms of both kinds, with little or much in memory, summed up often or never. */
export const places: fc.Arbitrary<Place> = fc.record({
  policy: fc.constantFrom('hold', 'hold', 'hold', 'annotate'),
  tail: fc.constantFrom(1, 3, 1000),
  snapshotEvery: fc.constantFrom({ records: 3, facts: 2 }, { records: 10_000, facts: 1000 }),
})

export const placeOf = ({ policy, tail, snapshotEvery }: Place): HubPlace => ({
  policy: { room: () => ({ policy }), limits: () => ({}) },
  tail,
  snapshotEvery,
})

type Script = readonly [Place, Iterable<fc.AsyncCommand<ReferenceRoom, Rehearsal>>]

/** One call after another, each held against the reference. */
export const rehearsed = (restarts: boolean): HubPlay<Script> => ({
  cases: fc.tuple(places, commands(restarts)),
  async play(bench, [place, script]) {
    const settings = { ...defaultRoomSettings, policy: place.policy }
    const room = new ReferenceRoom(settings)
    const rehearsal = new Rehearsal(bench, placeOf(place), settings, room)
    await rehearsal.start()
    try {
      for (const name of ['Ada', 'Ben']) await rehearsal.join(room.join(name), name === 'Ben')
      await fc.asyncModelRun(() => ({ model: room, real: rehearsal }), script)
      await rehearsal.finish()
    } finally {
      await rehearsal.close()
    }
  },
})

/** Tries `play` on `runs` cases; what breaks, and the story of the smallest case that fast-check came to. */
export async function tryPlay<T>(
  play: HubPlay<T>,
  bench: HubBench,
  { runs, seed, shrink = true }: RunOptions & { readonly runs: number },
  wanted: (broken: BrokenRule) => boolean,
): Promise<BrokenRule | undefined> {
  const property = fc.asyncProperty(play.cases, async tried => {
    try {
      await play.play(bench, tried)
    } catch (error) {
      if (!(error instanceof BrokenRule) || wanted(error)) throw error
    }
  })
  const details = await fc.check(property, {
    numRuns: runs,
    endOnFailure: !shrink,
    ...(seed !== undefined && { seed }),
  })
  if (!details.failed) return undefined
  const { errorInstance: error } = details
  if (!(error instanceof BrokenRule)) throw error
  error.message += `\nfound by seed ${details.seed}, after ${details.numRuns} runs and ${details.numShrinks} steps of shrinking`
  return error
}
