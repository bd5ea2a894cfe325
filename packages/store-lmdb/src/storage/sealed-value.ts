import { crc32 } from 'node:zlib'
import { damaged } from './errors.ts'
import { describeKey } from './keys.ts'

/** Layout of a value: one byte for this layout, the CRC-32 of key and body in four bytes, the body as JSON. */
const LAYOUT = 1
export const HEADER = 5

/** Adds a checksum over key and `text`, so that the value is valid under this key only. */
export function seal(key: Uint8Array, text: string): Buffer {
  const sealed = Buffer.allocUnsafe(HEADER + Buffer.byteLength(text))
  sealed.write(text, HEADER)
  sealed[0] = LAYOUT
  sealed.writeUInt32LE(checksum(key, sealed), 1)
  return sealed
}

/** Parses a sealed value. Throws `internal` if key or value differ from what was sealed. */
export function unseal(key: Uint8Array, sealed: Buffer): unknown {
  if (sealed.length <= HEADER || sealed[0] !== LAYOUT || sealed.readUInt32LE(1) !== checksum(key, sealed)) {
    throw damaged(`${describeKey(key)} fails its checksum`)
  }
  return JSON.parse(sealed.toString('utf8', HEADER))
}

const checksum = (key: Uint8Array, sealed: Buffer): number => crc32(sealed.subarray(HEADER), crc32(key))
