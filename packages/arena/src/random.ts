import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** A stream of random numbers. */
export interface RandomStream {
  /** Returns a whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number
  /** Returns a number from `least`, below `most`. */
  between(least: number, most: number): number
  /** Returns true with this probability, 0 to 1. */
  chance(probability: number): boolean
  pick<T>(values: readonly T[]): T
  /** Returns the values in another order. */
  shuffle<T>(values: readonly T[]): T[]
}

/** Creates a stream. The same words give the same numbers, and other words give unrelated ones. */
export function randomFrom(...words: readonly (string | number)[]): RandomStream {
  const generator = xoroshiro128plus(hash(words.join('\u0000')))
  const whole = (least: number, most: number) => uniformInt(generator, least, most)
  const between = (least: number, most: number) => least + (most - least) * uniformFloat64(generator)
  return {
    whole,
    between,
    chance: probability => between(0, 1) < probability,
    pick: values => values[whole(0, values.length - 1)]!,
    shuffle(values) {
      const shuffled = [...values]
      for (let last = shuffled.length - 1; last > 0; last--) {
        const other = whole(0, last)
        ;[shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!]
      }
      return shuffled
    },
  }
}

/** FNV-1a in 32 bits, then the last step of MurmurHash3: without it, streams of neighbouring seeds begin alike. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return value ^ (value >>> 16)
}
