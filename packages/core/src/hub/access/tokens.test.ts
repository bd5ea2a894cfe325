import { createHash } from 'node:crypto'
import { anyCharacters } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeProof, equalHashes, hashSecret, readToken, tokenOf } from './tokens.ts'

test('a hash of a secret is its SHA-256, as Node.js computes it', () => {
  fc.assert(
    fc.property(anyCharacters(), secret => {
      const digest = createHash('sha256').update(secret.toWellFormed()).digest('hex')
      expect(hashSecret(secret)).toBe(`sha256:${digest}`)
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

test('a token carries any secret in characters of a header, and is split again', () => {
  fc.assert(
    fc.property(anyCharacters(), secret => {
      const token = tokenOf('s-1', encodeProof(secret))
      expect(token).toMatch(/^[\w.-]+$/)
      expect(readToken(token)).toEqual({ session_id: 's-1', proof: encodeProof(secret) })
    }),
  )
  expect(readToken('no session')).toEqual({ session_id: '', proof: 'no session' })
})
