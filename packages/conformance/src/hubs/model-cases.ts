import { defaultRoomSettings, type RoomPolicy } from '@midsentence/core'
import fc from 'fast-check'
import type { SharedCases } from '../kit/shared-run.ts'
import { type ModelCommand, modelCommands } from './commands.ts'
import type { HubHarness, HubRunSettings } from './hub-harness.ts'
import { ModelRun } from './model-run.ts'
import { ReferenceRoom } from './reference/reference-room.ts'

interface RoomVariant {
  readonly policy: RoomPolicy
  readonly tail: number
  readonly snapshotEvery: HubRunSettings['snapshotEvery']
}

/** Rooms of both policies, with few or many messages in memory, and with frequent or rare snapshots. */
const variants: fc.Arbitrary<RoomVariant> = fc.record({
  policy: fc.constantFrom('hold', 'hold', 'hold', 'annotate'),
  tail: fc.constantFrom(1, 3, 1000),
  snapshotEvery: fc.constantFrom({ records: 3, facts: 2 }, { records: 10_000, facts: 1000 }),
})

type ModelCase = readonly [RoomVariant, Iterable<ModelCommand>]

/** Makes random calls, one after another, and compares each answer with a reference room. */
export const modelCases = (restarts: boolean): SharedCases<HubHarness, ModelCase> => ({
  cases: () => fc.tuple(variants, modelCommands(restarts)),
  async play(harness, [{ policy, tail, snapshotEvery }, script]) {
    const settings = { ...defaultRoomSettings, policy }
    const room = new ReferenceRoom(settings)
    const hubSettings = { policy: { room: () => ({ policy }), limits: () => ({}) }, tail, snapshotEvery }
    const run = new ModelRun(harness, hubSettings, settings, room)
    await run.start()
    try {
      for (const name of ['Ada', 'Ben']) await run.join(room.join(name), name === 'Ben')
      await fc.asyncModelRun(() => ({ model: room, real: run }), script)
      await run.finish()
    } finally {
      await run.close()
    }
  },
})
