import { expect, test } from 'vitest'
import { DraftMirror } from './draft-mirror.ts'

const appended = (text: string) => ({ type: 'appended' as const, text, base: 0 })

test('[D6] a local draft that is shown is bounded like a hosted one', () => {
  const mirror = new DraftMirror({ draft: 10, segment: 10, segments: 3 })
  expect(mirror.apply([appended('four'), appended('four')], 2)).toBeDefined()
  expect(mirror.apply([appended('five.')], 3), 'too long').toBeUndefined()
  expect(mirror.apply([appended('2'), appended('1')], 4), 'too many segments').toBeUndefined()
  expect([mirror.draft.length, mirror.draft.segments]).toEqual([8, 2])
  expect(mirror.apply([appended('2')], 3)).toBeDefined()
})
