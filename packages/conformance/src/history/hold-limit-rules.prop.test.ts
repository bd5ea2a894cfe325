import { virtualClock } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'
import { prop, slowRuns } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkHistory } from './check-history.ts'
import type { RecordedAnswer, RecordedCall } from './history.ts'
import { historyRecorder } from './history-recorder.ts'

/** One step of a participant that keeps pushing. */
interface PushStep {
  readonly pause_ms: number
  readonly before: 'nothing' | 'nothing' | 'check' | 'yield' | 'preview'
  readonly timeout_ms: number
}

/** Records several participants that keep pushing in one room, while another ignores holds. */
async function keepPushing(
  participants: readonly (readonly PushStep[])[],
  pauses: readonly number[],
  holds_for_floor: number,
) {
  const clock = virtualClock()
  const hub = await openHub({
    clock,
    policy: { room: () => ({ holds_for_floor }), limits: () => ({}) },
    times: { unused_ms: 1e9, lapse_ms: 1e9 },
  })
  const recorder = historyRecorder(() => clock.monotonic())
  const pause = (ms: number) => new Promise<void>(resolve => clock.after(ms, resolve))
  const enter = async (username: string, isLegacy: boolean) => {
    const session = await hub.join({ username, ...(isLegacy && { legacy: isLegacy }) })
    const { session_id, cursor } = session.joinResult
    return { session, cursor, recorder: recorder.caller({ session: session_id, name: username, cursor }) }
  }
  const legacy = await enter('old', true)
  const talk = async () => {
    for (const [n, ms] of pauses.entries()) {
      await pause(ms)
      await legacy.recorder.call({ action: 'push', content: `o${n}` }, () =>
        legacy.session.sendUnconditionally(`o${n}`),
      )
    }
  }
  const push = async (index: number, steps: readonly PushStep[]) => {
    const { session, recorder, cursor } = await enter(`p${index}`, false)
    let after = cursor
    const seen = async (
      input: Pick<RecordedCall, 'action' | 'after' | 'content'>,
      make: () => Promise<RecordedAnswer>,
    ) => {
      after = (await recorder.call(input, make)).cursor
    }
    for (const [n, { before, pause_ms, timeout_ms }] of steps.entries()) {
      if (before === 'check') await seen({ action: 'check' }, () => session.check({ timeout_ms: 0 }))
      else if (before === 'preview') await seen({ action: 'preview' }, () => session.preview())
      else if (before === 'yield') await recorder.call({ action: 'yield' }, async () => session.yield())
      const [content, base] = [`p${index} ${n}`, after]
      const request = { content, base, key: `${n}`, timeout_ms }
      await seen({ action: 'publish', content, after: base }, () => session.publish(request))
      await pause(pause_ms)
    }
  }
  const all = Promise.all([talk(), ...participants.map((steps, index) => push(index, steps))])
  await clock.advance(1e8)
  await all
  await hub.close()
  return recorder.history({ ignoringHolds: [legacy.session.joinResult.session_id] })
}

const pushStep: fc.Arbitrary<PushStep> = fc.record({
  pause_ms: fc.constantFrom(1, 500, 1000, 20_000, 59_990, 61_000),
  before: fc.constantFrom('nothing', 'nothing', 'nothing', 'preview', 'check', 'yield'),
  timeout_ms: fc.constantFrom(0, 25_000, 240_000),
})
const participants = fc.array(fc.array(pushStep, { minLength: 5, maxLength: 25, size: 'max' }), {
  minLength: 1,
  maxLength: 4,
})
const pauses = fc.array(fc.constantFrom(1, 400, 900, 5000, 30_000), { maxLength: 40, size: 'max' })

prop(
  '[P6] [H1] participants that keep pushing in the hub break no rule, with floors and rests',
  [participants, pauses],
  async (all, by) => {
    expect(checkHistory(await keepPushing(all, by, 3))).toEqual([])
  },
  slowRuns,
)

test('[P6] a room without floors is found', async () => {
  const again: PushStep = { pause_ms: 1000, before: 'nothing', timeout_ms: 0 }
  const history = await keepPushing([Array.from({ length: 6 }, () => again)], Array(20).fill(400), 1000)
  expect(checkHistory(history).map(({ rule }) => rule)).toEqual(['P6'])
})
