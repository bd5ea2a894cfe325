import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ServerEntry } from '../ports.ts'
import { placeOf } from './placement.ts'

const server = (id: string, rooms = 0): ServerEntry => ({ id, name: id, rooms })
const rooms = Array.from({ length: 300 }, (_, nth) => `room-${nth}`)
const ids = fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 8 })

test('all servers choose alike, in whichever order they know the others', () => {
  fc.assert(
    fc.property(ids, fc.nat(100), (names, load) => {
      const servers = names.map((id, at) => server(id, at * load))
      for (const room of rooms.slice(0, 20)) {
        expect(placeOf(room, [...servers].reverse())?.id).toBe(placeOf(room, servers)?.id)
      }
    }),
    { numRuns: 50 },
  )
})

test('the end of a server moves its rooms alone', () => {
  fc.assert(
    fc.property(ids, names => {
      const servers = names.map(id => server(id))
      const [gone, ...rest] = servers
      for (const room of rooms.slice(0, 50)) {
        const before = placeOf(room, servers)
        if (before !== gone) expect(placeOf(room, rest)).toBe(before)
      }
    }),
    { numRuns: 50 },
  )
})

test('no server gets many more rooms than the mean', () => {
  fc.assert(
    fc.property(ids, names => {
      const counts = new Map(names.map(id => [id, 0]))
      for (const room of rooms) {
        const place = placeOf(
          room,
          names.map(id => server(id, counts.get(id)!)),
        )!
        counts.set(place.id, counts.get(place.id)! + 1)
      }
      const most = 1.25 * (rooms.length / names.length) + 16 + 1
      for (const count of counts.values()) expect(count).toBeLessThanOrEqual(most)
    }),
    { numRuns: 10 },
  )
})

test('a server that is draining gets no room; if all are, none has a place', () => {
  const draining: ServerEntry = { ...server('one'), draining: true }
  for (const room of rooms) expect(placeOf(room, [draining, server('two')])?.id).toBe('two')
  expect(placeOf('lobby', [draining])).toBeUndefined()
})
