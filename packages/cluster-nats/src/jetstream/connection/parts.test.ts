import { expect, test } from 'vitest'
import { decodeToken, encodeToken } from '../entries/tokens.ts'
import { PartJoiner, splitMessage } from './bus.ts'
import { checkVersions } from './server-versions.ts'

const names = [
  '',
  'lobby',
  'Lobby',
  '.',
  '..',
  '*',
  '>',
  'a b',
  'a.b',
  '=',
  '=003d',
  'é',
  '你好',
  '😀',
  '\ud800',
  'x'.repeat(64),
]

test('names have different tokens, each a single token of a subject', () => {
  const tokens = names.map(encodeToken)
  expect(tokens.map(decodeToken)).toEqual(names)
  expect(new Set(tokens).size).toBe(names.length)
  for (const token of tokens) expect(token).toMatch(/^[\w=-]+$/)
})

/** Splits a message of `length` bytes of `value` into parts of at most 100 bytes. */
const split = (length: number, value: number, number: number, sender = 1) => [
  ...splitMessage(new Uint8Array(length).fill(value), 100, new Uint8Array(8).fill(sender), () => number),
]

/** The lengths and values of the messages that `parts` make. */
const joined = (parts: readonly Uint8Array[]) => {
  const joiner = new PartJoiner()
  return parts.flatMap(part => {
    const message = joiner.take(part)
    return message ? [[message.length, message[0]]] : []
  })
}

test.each([0, 1, 98, 99, 100, 101, 1000])('a message of %i bytes arrives as it was sent', length => {
  for (const part of split(length, 7, 1)) expect(part.length).toBeLessThanOrEqual(100)
  expect(joined(split(length, 7, 1))).toEqual([[length, length === 0 ? undefined : 7]])
})

test('a message of which a part is lost is dropped, and those of other senders and later ones arrive', () => {
  const [lost, other, next] = [split(500, 1, 1), split(300, 2, 1, 2), split(200, 3, 2)]
  expect(lost.length).toBeGreaterThan(3)
  for (const gone of [0, 1, lost.length - 1]) {
    const left = lost.filter((_, nth) => nth !== gone)
    const mixed = [left[0]!, other[0]!, ...left.slice(1), ...other.slice(1), ...next]
    expect(joined(mixed)).toEqual([
      [300, 2],
      [200, 3],
    ])
  }
})

test('old servers are refused for replicas, and told otherwise', () => {
  expect(() => checkVersions(['2.10.27', '2.9.20'], 3)).toThrow('conflicting writes')
  expect(checkVersions(['2.9.10'], 1)).toHaveLength(1)
  expect(checkVersions(['2.9.21'], 3)).toHaveLength(1)
  expect(checkVersions(['2.10.26', '2.10.26'], 3)).toHaveLength(1)
  expect(checkVersions(['2.10.27', '2.15.1', '3.0.0', '2.11.0-preview.2'], 3)).toEqual([])
})
