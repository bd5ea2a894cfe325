import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { MidsentenceError } from '../../errors.ts'

/** SHA-256 of a random secret; only the hash is stored. Not for passwords that a person chooses. */
export const hashSecret = (secret: string): string => `sha256:${bytesToHex(sha256(utf8ToBytes(secret.toWellFormed())))}`

/** Compares two hashes in constant time. */
export function equalHashes(one: string, other: string): boolean {
  let different = one.length ^ other.length
  for (let at = 0; at < one.length; at++) different |= one.charCodeAt(at) ^ other.charCodeAt(at)
  return different === 0
}

/** Throws `invalid-params` for a secret of fewer than 16 bytes. */
export function assertSecret(secret: string): void {
  if (utf8ToBytes(secret).length >= 16) return
  throw new MidsentenceError('invalid-params', 'A secret has 16 or more random bytes: make a longer one.')
}

/** The part of a token that proves a session: a client's secret in characters that an HTTP header can carry. */
export const encodeProof = (secret: string): string => bytesToHex(utf8ToBytes(secret.toWellFormed()))

/** A token names its session, which is no secret, and proves it. */
export const tokenOf = (session_id: string, proof: string): string => `${session_id}.${proof}`

/** Splits a token into its session and its proof. */
export function readToken(token: string): { readonly session_id: string; readonly proof: string } {
  const dot = token.indexOf('.')
  return { session_id: token.slice(0, Math.max(dot, 0)), proof: token.slice(dot + 1) }
}

/** Returns 256 random bits in hex. */
export function randomToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}
