import { newHub } from '@midsentence/testing/harness/hub-harness'
import { expect, test } from 'vitest'
import type { PresenceChange } from '../requests.ts'

test('[L8] in a large room changes of presence are told together, and who comes and goes at once is left out', async () => {
  const { clock, join, listen } = await newHub()
  const ada = await join('Ada')
  for (let nth = 0; nth < 120; nth++) await join(`Guest ${nth}`)
  await clock.advance(100)
  const frames: ReadonlyMap<string, PresenceChange>[] = []
  const readers = [await listen(ada), await listen(ada)]
  for (const reader of readers) reader.presence = changes => void frames.push(changes)
  for (let nth = 0; nth < 50; nth++) await join(`Late ${nth}`)
  await (await join('Visitor')).leave()
  expect(frames).toEqual([])
  await clock.advance(100)
  // One map for all readers: it is encoded once.
  expect(frames).toHaveLength(2)
  expect(frames[0]).toBe(frames[1])
  expect(frames[0]!.size).toBe(50)
  expect(frames[0]!.has('Visitor')).toBe(false)
  // A reader that begins now learns of everybody in one call.
  const late = await listen(ada)
  expect(late.seen).toHaveLength(171)
})

test('[L8] in a small room each change arrives at once', async () => {
  const { join, listen } = await newHub()
  const reader = await listen(await join('Ada'))
  const ben = await join('Ben')
  await ben.leave()
  expect(reader.seen).toEqual(['+Ada', '+Ben', '-Ben'])
})
