import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defaultLoopSettings, initialLoopState, type LoopState, loopRefusal, recordLoopMessage } from './loop-guard.ts'

const settings = { laps: 3, rest_ms: 1000, share: 2, window: 8 }

/** Sends what is allowed and returns the refusals. */
function talk(names: readonly string[], present: number, from: LoopState = initialLoopState) {
  let [state, now] = [from, 1]
  const refused: string[] = []
  for (const name of names) {
    now++
    const refusal = loopRefusal(state, name, present, now, settings)
    if (refusal) refused.push(`${name} ${refusal.reason} ${refusal.wait_ms}`)
    else state = recordLoopMessage(state, name, name === 'Person', now, settings)
  }
  return { state, now, refused }
}

test('two models exchange three laps, then rest; a person or the end of the rest lets them continue', () => {
  const laps = ['A', 'B', 'A', 'B', 'A', 'B']
  const { state, now, refused } = talk([...laps, 'A', 'B'], 2)
  expect(refused).toEqual(['A laps 999', 'B laps 998'])
  expect(loopRefusal(state, 'A', 2, state.lastAt + 999, settings)).toEqual({ reason: 'laps', wait_ms: 1 })
  expect(loopRefusal(state, 'A', 2, state.lastAt + 1000, settings)).toBeUndefined()
  const person = recordLoopMessage(state, 'Person', true, now, settings)
  expect(loopRefusal(person, 'A', 2, now, settings)).toBeUndefined()
})

test('a participant above twice its even share must wait', () => {
  const many = { ...settings, laps: 100 }
  let state = initialLoopState
  for (const name of ['A', 'A', 'B', 'A', 'C', 'A', 'D', 'B']) state = recordLoopMessage(state, name, false, 1, many)
  expect(loopRefusal(state, 'A', 4, 2, many)).toEqual({ reason: 'share', wait_ms: 999 })
  expect(loopRefusal(state, 'B', 4, 2, many)).toBeUndefined()
  // With two participants the share never applies.
  expect(loopRefusal(state, 'A', 2, 2, many)).toBeUndefined()
  for (const name of ['B', 'C', 'D']) state = recordLoopMessage(state, name, false, 2, many)
  expect(loopRefusal(state, 'A', 4, 3, many)).toBeUndefined()
})

test('a participant that waited wait_ms may speak after any history', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('A', 'B', 'C', 'Person')),
      fc.integer({ min: 1, max: 5 }),
      (names, present) => {
        const { state, now } = talk(names, present)
        const refusal = loopRefusal(state, 'A', present, now, settings)
        if (refusal) expect(loopRefusal(state, 'A', present, now + refusal.wait_ms, settings)).toBeUndefined()
      },
    ),
  )
})

test('[Y5] a hush refuses every model until a person sends a message, with and without a loop guard', () => {
  const hushed: LoopState = { ...initialLoopState, hushed: true }
  for (const each of [settings, undefined]) {
    expect(loopRefusal(hushed, 'A', 2, 1, each)).toEqual({ reason: 'hushed', wait_ms: 30_000 })
    expect(recordLoopMessage(hushed, 'A', false, 5000, each).hushed).toBe(true)
    expect(recordLoopMessage(hushed, 'Person', true, 1, each)).toEqual(initialLoopState)
  }
})

test('by default fifty laps are allowed', () => {
  let state = initialLoopState
  for (let lap = 0; lap < 50; lap++) {
    for (const name of ['A', 'B', 'C']) {
      expect(loopRefusal(state, name, 3, lap, defaultLoopSettings)).toBeUndefined()
      state = recordLoopMessage(state, name, false, lap, defaultLoopSettings)
    }
  }
  expect(loopRefusal(state, 'A', 3, 50, defaultLoopSettings)).toEqual({ reason: 'laps', wait_ms: 59_999 })
})
