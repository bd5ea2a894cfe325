import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'

/** SHA-256 of a random secret; only the hash is stored. Not for passwords that a person chooses. */
export const hashToken = (secret: string): string => `sha256:${bytesToHex(sha256(utf8ToBytes(secret.toWellFormed())))}`

/** Compares two hashes in constant time. */
export function equalHashes(one: string, other: string): boolean {
  let different = one.length ^ other.length
  for (let at = 0; at < one.length; at++) different |= one.charCodeAt(at) ^ other.charCodeAt(at)
  return different === 0
}

/**
 * Encrypts `token` with `secret`, so that a caller with the secret gets the same token again. Use each `session_id` for one
 * token only: its key stream must not be used twice.
 */
export const sealToken = (token: string, secret: string, session_id: string): string =>
  bytesToHex(xorWithKeyStream(utf8ToBytes(token), secret, session_id))

/** Decrypts what `sealToken` made. */
export const unsealToken = (sealed: string, secret: string, session_id: string): string =>
  new TextDecoder().decode(xorWithKeyStream(hexToBytes(sealed), secret, session_id))

function xorWithKeyStream(bytes: Uint8Array, secret: string, session_id: string): Uint8Array {
  const key = utf8ToBytes(secret.toWellFormed())
  return bytes.map((byte, at) => byte ^ keyStream(key, session_id, Math.floor(at / 32))[at % 32]!)
}

const keyStream = (key: Uint8Array, session_id: string, block: number): Uint8Array =>
  hmac(sha256, key, utf8ToBytes(`midsentence token ${block} ${session_id}`))
