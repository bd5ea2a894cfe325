import type { RoomSettings } from '@midsentence/core'
import { type HistoryDraft, recordedRoom } from '@midsentence/testing/recorded-room'
import { expect, test } from 'vitest'
import { checkHistory } from './check-history.ts'

interface PushOptions {
  readonly settings?: Partial<RoomSettings>
  readonly pause_ms?: number
  /** What Ada does between two pushes. */
  readonly between?: 'check' | 'undo and check'
}

/** Before each of Ada's six pushes a legacy client sends a message past holds. */
async function keepPushing({ settings = {}, pause_ms = 1000, between }: PushOptions = {}): Promise<HistoryDraft> {
  const { clock, join, history } = await recordedRoom(settings)
  const ada = await join('Ada')
  const old = await join('Old', true)
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

/** A room in which the floor is never earned. */
const withoutFloor = { holds_for_floor: 1000 }

test('[P6] a participant that keeps pushing and is sent in time breaks no rule', async () => {
  const history = await keepPushing()
  expect(history.callers[0]!.calls.filter(({ answer }) => answer?.seq)).toHaveLength(1)
  expect(rulesBroken(history)).toEqual([])
})

test('[P6] a fifth hold is found, with all five pushes', async () => {
  const found = checkHistory(await keepPushing({ settings: withoutFloor }))
  expect(found.map(({ rule, calls }) => [rule, calls.map(({ index }) => index)])).toEqual([['P6', [1, 2, 3, 4, 5]]])
})

test('[P6] a check in between does not excuse a hold while there is a draft', async () => {
  expect(rulesBroken(await keepPushing({ settings: withoutFloor, between: 'check' }))).toEqual(['P6'])
})

test('[P6] a check with an empty draft may give up the floor, so the holds are not counted', async () => {
  expect(rulesBroken(await keepPushing({ settings: withoutFloor, between: 'undo and check' }))).toEqual([])
})

test('[P6] a yield in flight may give up the floor; an answered one does not excuse a hold', async () => {
  const history = await keepPushing({ settings: withoutFloor })
  const { calls } = history.callers[0]!
  const first = calls.findIndex(({ action }) => action === 'publish' || action === 'push')
  const before = calls[first - 1]!
  const yields = (to: number) => ({ action: 'yield' as const, from: before.to!, to })
  calls.splice(first, 0, yields(before.to!))
  expect(rulesBroken(history)).toEqual(['P6'])
  calls[first] = yields(calls[first + 4]!.from)
  expect(rulesBroken(history)).toEqual([])
})

test('[P6] a participant that waits longer than a floor lasts is not covered', async () => {
  expect(rulesBroken(await keepPushing({ settings: withoutFloor, pause_ms: 60_001 }))).toEqual([])
})

test('[P6] answers with more, and waits for a floor, are not counted', async () => {
  const more = await keepPushing({ settings: withoutFloor })
  for (const index of [3, 4]) more.callers[0]!.calls[index]!.answer!.more = true
  expect(rulesBroken(more)).toEqual([])
  const waited = await keepPushing({ settings: withoutFloor })
  for (const index of [3, 4]) waited.callers[0]!.calls[index]!.answer!.floor = { name: 'Ben', for_ms: 1 }
  expect(rulesBroken(waited)).toEqual([])
})

test('[P6] a restart of the server starts the count again', async () => {
  const history = await keepPushing({ settings: withoutFloor })
  history.restarts = [history.callers[0]!.calls[3]!.from]
  expect(rulesBroken(history)).toEqual([])
})

test('[P6] the settings of the room apply', async () => {
  const history = await keepPushing({ settings: withoutFloor })
  history.settings = { holds_for_floor: 5 }
  expect(rulesBroken(history)).toEqual([])
})
