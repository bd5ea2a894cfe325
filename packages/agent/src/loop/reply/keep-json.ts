import { readKeepCount } from './keep-numbers.ts'

/** An answer written as JSON: the number of kept parts and the continuation. */
export interface JsonVerdict {
  readonly keep: number
  readonly text: string
  /** What follows the JSON. */
  readonly rest: string
}

const isKeepKey = (key: string) => /keep|kept|parts|count|number|retain/i.test(key)

/** Reads an answer that begins with a JSON object. "open": it is not complete yet. */
export function readKeepJson(answer: string, of: number): JsonVerdict | 'open' | undefined {
  for (let end = answer.indexOf('}'); end >= 0; end = answer.indexOf('}', end + 1)) {
    try {
      const entries = Object.entries(JSON.parse(answer.slice(0, end + 1)) as object)
      const [, count] = entries.find(([key, value]) => isKeepKey(key) && !Array.isArray(value)) ?? []
      const keep = count === undefined ? undefined : readKeepCount(String(count), of)
      const text = entries.find(([key, value]) => !isKeepKey(key) && typeof value === 'string')?.[1] ?? ''
      return keep === undefined ? undefined : { keep, text, rest: answer.slice(end + 1) }
    } catch {
      // Not its last brace.
    }
  }
  return 'open'
}
