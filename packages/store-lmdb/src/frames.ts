import { crc32 } from 'node:zlib'
import { damaged } from './damage.ts'
import type { Change } from './environment.ts'

/** What a disk writes whole or not at all. Each has a checksum, so one that does not hold is damage, never half a write. */
export const SECTOR = 512
/** Its checksum, the frame's number, which sector of how many it is, and the checksum of the frame's whole body. */
const HEADER = 18
const BODY = SECTOR - HEADER
/** In place of a length: this key is taken out. */
const REMOVED = 0xffff_ffff

/** Up to where everything is in LMDB: the number of the last frame that is, and where in the file the next one begins. */
export interface Mark {
  readonly number: number
  readonly next: number
  /** Is there a file? A store that was closed has none, and lacks nothing. */
  readonly open: boolean
}

/** What one write brought, and where in the file it lies. */
export interface Frame {
  readonly number: number
  readonly at: number
  readonly changes: readonly Change[]
}

/** The file of another store is damage in this one: `salt` is made of a store’s id. */
export const saltOf = (id: string): number => crc32(id)

/** How many bytes `changes` take in the file. */
export function lengthOf(changes: readonly Change[]): number {
  let body = 0
  for (const { key, sealed } of changes) body += 6 + key.length + (sealed?.length ?? 0)
  return Math.ceil(body / BODY) * SECTOR
}

/** The sectors of frame `number`. */
export function frameOf(number: number, changes: readonly Change[], salt: number): Buffer {
  const bytes = Buffer.alloc(lengthOf(changes))
  const count = bytes.length / SECTOR
  const body = Buffer.alloc(count * BODY)
  let end = 0
  for (const { key, sealed } of changes) {
    end = body.writeUInt16LE(key.length, end)
    end += key.copy(body, end)
    end = body.writeUInt32LE(sealed?.length ?? REMOVED, end)
    if (sealed) end += sealed.copy(body, end)
  }
  const stamp = crc32(body)
  for (let index = 0; index < count; index++) {
    const at = index * SECTOR
    bytes.writeUIntLE(number, at + 4, 6)
    bytes.writeUInt16LE(index, at + 10)
    bytes.writeUInt16LE(count, at + 12)
    bytes.writeUInt32LE(stamp, at + 14)
    body.copy(bytes, at + HEADER, index * BODY, (index + 1) * BODY)
    bytes.writeUInt32LE(crc32(bytes.subarray(at + 4, at + SECTOR), salt), at)
  }
  return bytes
}

interface Sector {
  readonly number: number
  readonly index: number
  readonly count: number
  readonly stamp: number
}

/**
 * The frames of a file behind `mark`, in order, and where the next one begins. What a write had begun and not ended is not
 * among them, since nobody was told of it. Throws where one of them is damaged or missing.
 */
export function framesBehind(
  mark: Pick<Mark, 'number' | 'next'>,
  content: Buffer,
  salt: number,
): { readonly frames: readonly Frame[]; readonly next: number } {
  const sectors: (Sector | undefined | 'damaged')[] = []
  for (let at = 0; at + SECTOR <= content.length; at += SECTOR) sectors.push(sectorAt(content, at, salt))
  const starts = new Map<number, number[]>()
  let newest = 0
  for (const [place, sector] of sectors.entries()) {
    if (!sector || sector === 'damaged') continue
    newest = Math.max(newest, sector.number)
    if (sector.index === 0) starts.set(sector.number, [...(starts.get(sector.number) ?? []), place])
  }

  const bodyFrom = (place: number): Buffer | undefined => {
    const first = sectors[place] as Sector
    const parts: Buffer[] = []
    for (let index = 0; index < first.count; index++) {
      const sector = sectors[place + index]
      if (sector === 'damaged') throw damaged(`frame ${first.number} of what was written ahead is not what was written`)
      if (sector?.number !== first.number || sector.index !== index || sector.stamp !== first.stamp) return undefined
      const at = (place + index) * SECTOR
      parts.push(content.subarray(at + HEADER, at + SECTOR))
    }
    const body = Buffer.concat(parts)
    return crc32(body) === first.stamp ? body : undefined
  }

  const frames: Frame[] = []
  let { number, next } = mark
  for (;;) {
    number++
    // One that was begun, and then written anew elsewhere, may have left its beginning behind.
    const whole = (starts.get(number) ?? []).flatMap(place => {
      const body = bodyFrom(place)
      return body ? [{ place, body }] : []
    })[0]
    if (!whole) break
    const at = whole.place * SECTOR
    next = at + (whole.body.length / BODY) * SECTOR
    frames.push({ number, at, changes: changesIn(whole.body) })
  }
  // The next frame begins behind the last one, or at the beginning.
  if (newest > number || [next / SECTOR, 0].some(place => sectors[place] === 'damaged'))
    throw damaged(`frame ${number} of what was written ahead is missing, or not what was written`)
  return { frames, next }
}

const EMPTY = Buffer.alloc(SECTOR)

/** Undefined where nothing was ever written. */
function sectorAt(content: Buffer, at: number, salt: number): Sector | undefined | 'damaged' {
  const bytes = content.subarray(at, at + SECTOR)
  if (bytes.readUInt32LE(0) !== crc32(bytes.subarray(4), salt)) return bytes.equals(EMPTY) ? undefined : 'damaged'
  return {
    number: bytes.readUIntLE(4, 6),
    index: bytes.readUInt16LE(10),
    count: bytes.readUInt16LE(12),
    stamp: bytes.readUInt32LE(14),
  }
}

function changesIn(body: Buffer): Change[] {
  const changes: Change[] = []
  // Behind the last change are zeros, and no key is empty.
  for (let at = 0; at + 6 <= body.length; ) {
    const keyEnd = at + 2 + body.readUInt16LE(at)
    if (keyEnd === at + 2) break
    const key = body.subarray(at + 2, keyEnd)
    const length = body.readUInt32LE(keyEnd)
    at = keyEnd + 4
    if (length === REMOVED) changes.push({ key })
    else {
      changes.push({ key, sealed: body.subarray(at, at + length) })
      at += length
    }
  }
  return changes
}
