import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readHint, withRoom } from './tokens.ts'

const own = `s-0123456789abcdef.${'ab'.repeat(32)}`
const roomNames = fc
  .string({ unit: fc.constantFrom(...'abXY01._-'), minLength: 1, maxLength: 64 })
  .map(name => `a${name}`.slice(0, 64))

test('a token gives back its room and the token that the owner knows', () => {
  fc.assert(
    fc.property(roomNames, room => {
      expect(readHint(withRoom(own, room))).toEqual({ room, token: own })
    }),
  )
})

test('one text is the token of a session', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      const read = readHint(text)
      if (read) expect(withRoom(read.token, read.room)).toBe(text)
    }),
  )
})

test.each([
  '',
  '.',
  '..',
  '...',
  'unknown',
  own,
  `${own}.`,
  '.proof.lobby',
  's-1..lobby',
  `${own}.lobby\n`,
  `${own}.\0`,
  `${own}.${'x'.repeat(65)}`,
  `${own}..`,
  `${own}.a room`,
  `${own}.room.>*`,
])('%j is no token', token => {
  expect(readHint(token)).toBeUndefined()
})
