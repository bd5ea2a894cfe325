import { randomFrom } from '../random.ts'

/** Words of sentences that carry no fact. Without digits and names, so that no task finds a fact in them. */
const words = (
  'the plan that we have so far looks good to me but there is one more thing which might matter here since it takes some time ' +
  'and i would rather see it done before others come back to this point as they did last week when nothing was ready for it'
).split(' ')

/** Writes sentences that carry no fact, with the lengths of real ones. */
export interface Prose {
  /** Returns `count` sentences, each after a space. The same key gives the same sentences. */
  sentences(key: string, count: number): readonly string[]
}

/** Words of a sentence. Their mean in the Brown corpus is 17.6 (Ellegård 1978). */
const WORDS = { least: 6, most: 28 }

export function proseFrom(seed: number): Prose {
  const written = new Map<string, readonly string[]>()
  const write = (key: string, count: number) => {
    const random = randomFrom('prose', seed, key)
    return Array.from({ length: count }, () => {
      const length = random.whole(WORDS.least, WORDS.most)
      const text = Array.from({ length }, () => random.pick(words)).join(' ')
      return ` ${text[0]!.toUpperCase()}${text.slice(1)}.`
    })
  }
  return {
    sentences(key, count) {
      const name = `${key} ${count}`
      if (!written.has(name)) written.set(name, write(key, count))
      return written.get(name)!
    },
  }
}
