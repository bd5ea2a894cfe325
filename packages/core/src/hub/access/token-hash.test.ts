import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { equalHashes, hashToken, sealToken, unsealToken } from './token-hash.ts'

test('a token hash is the SHA-256 of the token, as Node.js computes it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), secret => {
      const digest = createHash('sha256').update(secret.toWellFormed()).digest('hex')
      expect(hashToken(secret)).toBe(`sha256:${digest}`)
    }),
  )
})

test.each([
  ['abc', 'abc', true],
  ['abc', 'abd', false],
  ['abc', 'ab', false],
  ['ab', 'abc', false],
  ['', '', true],
])('equalHashes(%j, %j) is %s', (one, other, same) => expect(equalHashes(one, other)).toBe(same))

test('a sealed token is decrypted by its secret and by no other', () => {
  const token = 'f0'.repeat(32)
  const seal = sealToken(token, 'a secret of sixteen bytes', 's-1')
  expect(unsealToken(seal, 'a secret of sixteen bytes', 's-1')).toBe(token)
  expect(unsealToken(seal, 'a secret of sixteen bytez', 's-1')).not.toBe(token)
  expect(unsealToken(seal, 'a secret of sixteen bytes', 's-2')).not.toBe(token)
  expect(seal).not.toContain(token)
})
