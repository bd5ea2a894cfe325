import { virtualClock } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'
import { prop, slowRuns } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkHistory } from './check-history.ts'
import type { Call, Told } from './history.ts'
import { recording } from './recording.ts'

/** What one does again and again: push, and pause; sometimes something else in between. */
interface Turn {
  readonly pause_ms: number
  readonly before: 'nothing' | 'nothing' | 'check' | 'yield' | 'preview'
  readonly timeout_ms: number
}

/** Several who push again and again in one room, while others speak out of turn: what they see. */
async function insist(people: readonly (readonly Turn[])[], spoken: readonly number[], holds_for_floor: number) {
  const clock = virtualClock()
  const hub = await openHub({
    clock,
    policy: { room: () => ({ holds_for_floor }), limits: () => ({}) },
    times: { unused_ms: 1e9, lapse_ms: 1e9 },
  })
  const recorder = recording(() => clock.monotonic())
  const pause = (ms: number) => new Promise<void>(resolve => clock.after(ms, resolve))
  const enter = async (username: string, dialect: boolean) => {
    const session = await hub.join({ username, ...(dialect && { legacy: dialect }) })
    const { session_id, cursor } = session.joinResult
    return { session, cursor, witness: recorder.witness({ session: session_id, name: username, cursor }) }
  }
  const talker = await enter('old', true)
  const talk = async () => {
    for (const [n, ms] of spoken.entries()) {
      await pause(ms)
      await talker.witness.call({ action: 'push', content: `o${n}` }, () => talker.session.sendUnconditionally(`o${n}`))
    }
  }
  const push = async (who: number, turns: readonly Turn[]) => {
    const { session, witness, cursor } = await enter(`p${who}`, false)
    let after = cursor
    const seen = async (calling: Pick<Call, 'action' | 'after' | 'content'>, make: () => Promise<Told>) => {
      after = (await witness.call(calling, make)).cursor
    }
    for (const [n, { before, pause_ms, timeout_ms }] of turns.entries()) {
      if (before === 'check') await seen({ action: 'check' }, () => session.check({ timeout_ms: 0 }))
      else if (before === 'preview') await seen({ action: 'preview' }, () => session.preview())
      else if (before === 'yield') await witness.call({ action: 'yield' }, async () => session.yield())
      const [content, base] = [`p${who} ${n}`, after]
      const request = { content, base, key: `${n}`, timeout_ms }
      await seen({ action: 'publish', content, after: base }, () => session.publish(request))
      await pause(pause_ms)
    }
  }
  const all = Promise.all([talk(), ...people.map((turns, who) => push(who, turns))])
  await clock.advance(1e8)
  await all
  await hub.close()
  return recorder.history({ free: [talker.session.joinResult.session_id] })
}

const turn: fc.Arbitrary<Turn> = fc.record({
  pause_ms: fc.constantFrom(1, 500, 1000, 20_000, 59_990, 61_000),
  before: fc.constantFrom('nothing', 'nothing', 'nothing', 'preview', 'check', 'yield'),
  timeout_ms: fc.constantFrom(0, 25_000, 240_000),
})
const people = fc.array(fc.array(turn, { minLength: 5, maxLength: 25, size: 'max' }), { minLength: 1, maxLength: 4 })
const spoken = fc.array(fc.constantFrom(1, 400, 900, 5000, 30_000), { maxLength: 40, size: 'max' })

prop(
  '[P6] [H1] whoever insists in the hub, with floors and rests: nothing is found',
  [people, spoken],
  async (all, by) => {
    expect(checkHistory(await insist(all, by, 3))).toEqual([])
  },
  slowRuns,
)

test('[P6] where nobody earns a floor, it is found', async () => {
  const again: Turn = { pause_ms: 1000, before: 'nothing', timeout_ms: 0 }
  const history = await insist([Array.from({ length: 6 }, () => again)], Array(20).fill(400), 1000)
  expect(checkHistory(history).map(({ rule }) => rule)).toEqual(['P6'])
})
