import { crc32 } from 'node:zlib'
import { damaged } from './damage.ts'
import { described } from './keys.ts'

/** How a value is laid out: a byte that says so, the checksum of key and body, and the body as JSON. */
const FORM = 1
const HEADER = 5

/** `value` as it is kept under `key`: with a checksum over both, so that it counts nowhere else. */
export function seal(key: Uint8Array, value: unknown): Buffer {
  const text = JSON.stringify(value)
  const sealed = Buffer.allocUnsafe(HEADER + Buffer.byteLength(text))
  sealed.write(text, HEADER)
  sealed[0] = FORM
  sealed.writeUInt32LE(sumOf(key, sealed), 1)
  return sealed
}

/** What was sealed. Throws `internal` where it is not, byte for byte, what was kept under `key`. */
export function unseal(key: Uint8Array, sealed: Buffer): unknown {
  if (sealed.length <= HEADER || sealed[0] !== FORM || sealed.readUInt32LE(1) !== sumOf(key, sealed)) {
    throw damaged(`${described(key)} is not what was written`)
  }
  return JSON.parse(sealed.toString('utf8', HEADER))
}

const sumOf = (key: Uint8Array, sealed: Buffer): number => crc32(sealed.subarray(HEADER), crc32(key))
