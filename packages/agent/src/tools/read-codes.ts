import type { Seq } from '@midsentence/core'

/** Codes that results end with. A code is a seq and two letters that cannot be guessed. */
export interface ReadCodes {
  /** Returns the code of a result that shows everything up to `seq`. */
  of(seq: Seq): string
  /** Whether these letters belong to a code of `seq`. */
  has(seq: Seq, letters: string): boolean
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
/** Most codes that are remembered. An older one acknowledges nothing. */
const MAX_CODES = 1000

/** Makes two letters of two random bytes. */
export const lettersOf = (bytes: Uint8Array): string => [0, 1].map(at => LETTERS[bytes[at]! % 26]).join('')

/** Creates random codes, for one log of this process. */
export function localReadCodes(): ReadCodes {
  const codes = new Map<Seq, string>()
  return {
    of(seq) {
      const letters = codes.get(seq) ?? lettersOf(globalThis.crypto.getRandomValues(new Uint8Array(2)))
      codes.set(seq, letters)
      if (codes.size > MAX_CODES) codes.delete(codes.keys().next().value!)
      return `${seq}-${letters}`
    },
    has: (seq, letters) => codes.get(seq) === letters,
  }
}
