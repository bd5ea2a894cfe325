import type { RoomSettings } from '@midsentence/core'
import { type HistoryDraft, recordedRoom } from '@midsentence/testing/recorded-room'
import { expect, test } from 'vitest'
import { checkHistory } from './check-history.ts'

interface Insisting {
  readonly settings?: Partial<RoomSettings>
  readonly pause_ms?: number
  /** What Ada does between a push and the next. */
  readonly between?: 'check' | 'undo and check'
}

/** Before each of Ada's six pushes somebody speaks out of turn. */
async function insist({ settings = {}, pause_ms = 1000, between }: Insisting = {}): Promise<HistoryDraft> {
  const { clock, enter, history } = await recordedRoom(settings)
  const ada = await enter('Ada')
  const old = await enter('Old', true)
  await ada.append('I was about to say')
  for (let n = 0; n < 6; n++) {
    await old.speak(`${n}`)
    await ada.push('I was about to say')
    if (between === 'undo and check') await ada.undo()
    if (between) await ada.check()
    if (between === 'undo and check') await ada.append('I was about to say')
    await clock.advance(pause_ms)
  }
  return history()
}

const rulesBroken = (history: HistoryDraft) => checkHistory(history).map(({ rule }) => rule)

/** A room in which nobody ever earns the floor. */
const withoutFloor = { holds_for_floor: 1000 }

test('[P6] who insists is sent in time: nothing is found', async () => {
  const history = await insist()
  expect(history.witnesses[0]!.calls.filter(({ answer }) => answer?.seq)).toHaveLength(1)
  expect(rulesBroken(history)).toEqual([])
})

test('[P6] who insists is held a fifth time: found, with all five', async () => {
  const found = checkHistory(await insist({ settings: withoutFloor }))
  expect(found.map(({ rule, calls }) => [rule, calls.map(({ index }) => index)])).toEqual([['P6', [1, 2, 3, 4, 5]]])
})

test('[P6] a check in between excuses nothing while there is a draft', async () => {
  expect(rulesBroken(await insist({ settings: withoutFloor, between: 'check' }))).toEqual(['P6'])
})

test('[P6] who may have given its floor up, by a check with an empty draft, is not counted', async () => {
  expect(rulesBroken(await insist({ settings: withoutFloor, between: 'undo and check' }))).toEqual([])
})

test('[P6] nor is who has a yield under way, which may find a floor by then; one that was answered before excuses nothing', async () => {
  const history = await insist({ settings: withoutFloor })
  const { calls } = history.witnesses[0]!
  const first = calls.findIndex(({ action }) => action === 'publish' || action === 'push')
  const before = calls[first - 1]!
  const yields = (to: number) => ({ action: 'yield' as const, from: before.to!, to })
  calls.splice(first, 0, yields(before.to!))
  expect(rulesBroken(history)).toEqual(['P6'])
  calls[first] = yields(calls[first + 4]!.from)
  expect(rulesBroken(history)).toEqual([])
})

test('[P6] who takes longer than a floor lasts does not insist', async () => {
  expect(rulesBroken(await insist({ settings: withoutFloor, pause_ms: 60_001 }))).toEqual([])
})

test('[P6] answers with more, and waits for a floor, are no judgements', async () => {
  const more = await insist({ settings: withoutFloor })
  for (const index of [3, 4]) more.witnesses[0]!.calls[index]!.answer!.more = true
  expect(rulesBroken(more)).toEqual([])
  const waited = await insist({ settings: withoutFloor })
  for (const index of [3, 4]) waited.witnesses[0]!.calls[index]!.answer!.floor = { name: 'Ben', for_ms: 1 }
  expect(rulesBroken(waited)).toEqual([])
})

test('[P6] the bound starts anew with what judges', async () => {
  const history = await insist({ settings: withoutFloor })
  history.restarts = [history.witnesses[0]!.calls[3]!.from]
  expect(rulesBroken(history)).toEqual([])
})

test('[P6] the room’s own numbers count', async () => {
  const history = await insist({ settings: withoutFloor })
  history.settings = { holds_for_floor: 5 }
  expect(rulesBroken(history)).toEqual([])
})
