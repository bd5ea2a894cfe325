import { expect, test } from 'vitest'
import { filledIn, mismatch } from './matches.ts'

const same = (found: unknown, expected: unknown, remembered = new Map<string, unknown>()) =>
  mismatch(found, expected, remembered)

test('equal values match, and objects may have more members', () => {
  for (const [found, expected] of [
    [1, 1],
    [null, null],
    [[], []],
    [{ a: 1, b: 2 }, { a: 1 }],
    [{ a: [{ b: 'x', c: 0 }] }, { a: [{ b: '{text}' }] }],
    [{ a: 1 }, { b: '{absent}' }],
    ['2026-01-31T12:00:00.000Z', '{time}'],
    ['It is so.', '{sentence}'],
    [0.5, '{ms}'],
    [{}, '{object}'],
  ])
    expect([found, expected, same(found, expected)]).toEqual([found, expected, undefined])
})

test('a difference is reported with its place', () => {
  for (const [found, expected] of [
    [1, 2],
    [1, '1'],
    [true, 1],
    [null, {}],
    [[], {}],
    [{}, []],
    [[1], []],
    [[], [1]],
    [
      [2, 1],
      [1, 2],
    ],
    [{}, { a: null }],
    [{ a: undefined }, { a: '{absent}' }],
    ['', '{text}'],
    [1, '{text}'],
    ['it is so.', '{sentence}'],
    ['2026-01-31T12:00:00Z', '{time}'],
    [0, '{ms}'],
    [[], '{object}'],
  ])
    expect([found, expected, same(found, expected)]).toEqual([found, expected, expect.any(String)])
  expect(same({ a: [{ b: 1 }] }, { a: [{ b: 2 }] })).toBe('the answer.a[0].b is 1, not 2')
})

test('remembered values are compared later, and filled into requests', () => {
  const remembered = new Map<string, unknown>([['room', 'golden']])
  expect(same({ token: 'abc', log: 'l' }, { token: '{text:ada}', log: '{text:ada.log}' }, remembered)).toBeUndefined()
  expect(same('abc', '{ada}', remembered)).toBeUndefined()
  expect(same('abd', '{ada}', remembered)).toBe('the answer is "abd", not "{ada}"')
  expect(same(undefined, '{unknown}', remembered)).toBe('the answer is undefined, not "{unknown}"')
  expect(filledIn({ path: ['/rooms/{room}/x', 7, null], who: '{ada}', log: '{"a":1}' }, remembered)).toEqual({
    path: ['/rooms/golden/x', 7, null],
    who: 'abc',
    log: '{"a":1}',
  })
  expect(filledIn('{unknown} {Ada}', remembered)).toBe('{unknown} {Ada}')
})
