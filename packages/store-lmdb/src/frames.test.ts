import { runs } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Change, put, removal } from './environment.ts'
import { frameOf, framesBehind, lengthOf, SECTOR, saltOf } from './frames.ts'

const salt = saltOf('a store')
const mark = { number: 0, next: 0 }

const key = fc.integer({ min: 0, max: 9 }).map(n => Buffer.from([0x11, n]))
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(key, fc.string({ maxLength: 1200 })).map(([key, value]) => put(key, value)),
  key.map(removal),
)
const frames = fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 })

/** A file that has these, one behind the other, as frames 1, 2, …; then room. */
const fileOf = (all: readonly (readonly Change[])[]) =>
  Buffer.concat([...all.map((changes, nth) => frameOf(nth + 1, changes, salt)), Buffer.alloc(8 * SECTOR)])

const plain = (changes: readonly Change[]) =>
  changes.map(({ key, sealed }) => [key.toString('hex'), sealed?.toString('hex')])

const isDamage = { code: 'internal', message: expect.stringMatching(/^The store is damaged: frame \d+ /) }

const damageIn = (content: Buffer) => {
  try {
    framesBehind(mark, content, salt)
  } catch (error) {
    return error
  }
  return undefined
}

test('what was written is read, behind any mark', () => {
  fc.assert(
    fc.property(frames, fc.nat(6), (all, moved) => {
      const content = fileOf(all)
      const number = Math.min(moved, all.length)
      const next = all.slice(0, number).reduce((sum, changes) => sum + lengthOf(changes), 0)
      const left = framesBehind({ number, next }, content, salt)
      expect(left.frames.map(({ changes }) => plain(changes))).toEqual(all.slice(number).map(plain))
      expect(left.frames.map(({ number }) => number)).toEqual(all.slice(number).map((_, nth) => number + nth + 1))
      expect(left.next).toBe(content.length - 8 * SECTOR)
    }),
    { numRuns: runs },
  )
})

test('[G11] of a write that a power cut took apart all is there or nothing, whichever sectors the disk has', () => {
  const old = fc.constantFrom<'zeros' | 'an older frame'>('zeros', 'an older frame')
  fc.assert(
    fc.property(frames, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), old, (all, has, before) => {
      // Behind the mark of 7 frames, whose sectors lie in the file, or where there was nothing before.
      const last = lengthOf(all.at(-1)!)
      const content = Buffer.concat([
        ...all.map((changes, nth) => frameOf(nth + 8, changes, salt)),
        Buffer.alloc(SECTOR),
      ])
      const start = content.length - SECTOR - last
      const stale = frameOf(5, [put(Buffer.of(0x11), 'x'.repeat(last))], salt)
      const lost = Array.from({ length: last / SECTOR }, (_, nth) => nth).filter(nth => !has[nth % has.length])
      for (const nth of lost) {
        const at = start + nth * SECTOR
        if (before === 'zeros') content.fill(0, at, at + SECTOR)
        else stale.copy(content, at, nth * SECTOR, (nth + 1) * SECTOR)
      }
      const left = framesBehind({ number: 7, next: 0 }, content, salt)
      const whole = lost.length === 0 ? all : all.slice(0, -1)
      expect(left.frames.map(({ changes }) => plain(changes))).toEqual(whole.map(plain))
      expect(left.next).toBe(lost.length === 0 ? start + last : start)
    }),
    { numRuns: runs },
  )
})

test('[G11] one bit flipped anywhere in what was written is told, whatever it was', () => {
  fc.assert(
    fc.property(frames, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(7), (all, where, bit) => {
      const content = fileOf(all)
      content[Math.floor(where * (content.length - 8 * SECTOR))]! ^= 1 << bit
      expect(damageIn(content)).toMatchObject(isDamage)
    }),
    { numRuns: runs },
  )
})

test('[G11] a frame that is missing is told, as long as one behind it is there', () => {
  const content = fileOf([1, 2, 3].map(n => [put(Buffer.of(0x11, n), n)]))
  for (const nth of [0, 1]) {
    const holed = Buffer.from(content).fill(0, nth * SECTOR, (nth + 1) * SECTOR)
    expect(damageIn(holed)).toMatchObject(isDamage)
  }
  // The last one may as well never have been written.
  expect(damageIn(content.subarray(0, 2 * SECTOR))).toBeUndefined()
})

test('[G11] the file of another store is damage in this one', () => {
  const content = frameOf(1, [put(Buffer.of(0x11), 1)], saltOf('another store'))
  expect(damageIn(content)).toMatchObject(isDamage)
})

test('what an unfinished write left behind counts for nothing once that number was written anew, elsewhere', () => {
  const long = frameOf(3, [put(Buffer.of(0x11), 'x'.repeat(3000))], salt)
  const [one, two, three] = [1, 2, 3].map(n => frameOf(n, [put(Buffer.of(0x11, n), n)], salt))
  // Frame 3 was begun at the beginning, for lack of room at the end; the one that took its number is shorter.
  const content = Buffer.concat([long.subarray(0, 3 * SECTOR), Buffer.alloc(3 * SECTOR), one!, two!, three!])
  const left = framesBehind({ number: 0, next: 6 * SECTOR }, content, salt)
  expect(left.frames.map(({ number, at }) => [number, at / SECTOR])).toEqual([
    [1, 6],
    [2, 7],
    [3, 8],
  ])
})
