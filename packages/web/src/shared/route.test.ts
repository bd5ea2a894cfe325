import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRoute, type RoomTab, roomLink } from './route.ts'

test('a link to a room leads to that room', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, unit: 'grapheme' }),
      fc.constantFrom('talk', 'past', 'score'),
      (room, tab) => {
        expect(parseRoute(roomLink(room, tab as RoomTab))).toEqual({ page: 'room', room, tab, query: '' })
      },
    ),
  )
})

test('a link to a position keeps it', () => {
  expect(parseRoute('#/rooms/demo/score?at=7')).toEqual({ page: 'room', room: 'demo', tab: 'score', query: 'at=7' })
})

test.each([
  '',
  '#',
  '#/',
  '#/rooms',
  '#/rooms/',
  '#/rooms/%',
  '#/rooms/a/other',
  '#/rooms/a/b/c',
  '#javascript:alert(1)',
])('the address %j leads to the lobby', hash => {
  expect(parseRoute(hash)).toEqual({ page: 'lobby' })
})
