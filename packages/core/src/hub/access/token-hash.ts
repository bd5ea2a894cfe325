import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'

/** What stands for a secret where it is kept: whoever reads it cannot go in by it. Not for what a person thinks up. */
export const hashToken = (secret: string): string => `sha256:${bytesToHex(sha256(utf8ToBytes(secret.toWellFormed())))}`

/** Are two proofs the same? Takes as long whatever they have in common. */
export function equalHashes(one: string, other: string): boolean {
  let different = one.length ^ other.length
  for (let at = 0; at < one.length; at++) different |= one.charCodeAt(at) ^ other.charCodeAt(at)
  return different === 0
}

/**
 * `token` as only `secret` opens it, so that whoever comes back by its secret gets the token that it had. `session_id` is
 * used for one token only: what is added to the token is then used once.
 */
export const sealToken = (token: string, secret: string, session_id: string): string =>
  bytesToHex(mixed(utf8ToBytes(token), secret, session_id))

/** What `sealed` was made of. */
export const unsealToken = (seal: string, secret: string, session_id: string): string =>
  new TextDecoder().decode(mixed(hexToBytes(seal), secret, session_id))

function mixed(bytes: Uint8Array, secret: string, session_id: string): Uint8Array {
  const key = utf8ToBytes(secret.toWellFormed())
  return bytes.map((byte, at) => byte ^ streamOf(key, session_id, Math.floor(at / 32))[at % 32]!)
}

const streamOf = (key: Uint8Array, session_id: string, block: number): Uint8Array =>
  hmac(sha256, key, utf8ToBytes(`midsentence token ${block} ${session_id}`))
