import { prop } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PresenceChange } from '../requests.ts'
import { PresenceBacklog } from './presence-backlog.ts'

const names = ['a', 'b', 'c', 'd']

prop(
  '[L8] a reader that takes nothing for a while ends with the state of the room',
  [fc.subarray(names), fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom('toggle', 'write', 'pause')))],
  (known, steps) => {
    const backlog = new PresenceBacklog()
    const room = new Map<string, PresenceChange>(known.map(name => [name, { present: true }]))
    for (const [name, step] of steps) {
      const change: PresenceChange = step === 'toggle' ? { present: !room.has(name) } : { present: true }
      const after: PresenceChange = step === 'write' ? { present: true, writing: true } : change
      if (step === 'toggle') backlog.presence(new Map([[name, change]]))
      else if (!room.has(name)) continue
      else backlog.writing(new Map([[name, after]]))
      if (after.present) room.set(name, after)
      else room.delete(name)
    }
    const seen = new Map<string, PresenceChange>(known.map(name => [name, { present: true }]))
    for (const [name, change] of backlog.take()) {
      if (change.present) seen.set(name, change)
      else expect(seen.delete(name)).toBe(true)
    }
    expect([...seen].sort()).toEqual([...room].sort())
    expect(backlog.size).toBe(0)
  },
)

test('[V5] names that come and go leave nothing for a reader that takes nothing', () => {
  const backlog = new PresenceBacklog()
  const kept = new Map<string, PresenceChange>()
  for (let nth = 0; nth < 10_000; nth++) {
    for (const change of [{ present: true }, { present: false }]) {
      backlog.presence(new Map([[`visitor ${nth}`, change]]))
      // As before: the last change of each name.
      kept.set(`visitor ${nth}`, change)
    }
  }
  expect(backlog.size).toBe(0)
  expect(kept.size).toBe(10_000)
})
