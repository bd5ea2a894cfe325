/** Throws an error with `sentence`, and with what was found, unless `holds`. */
export function must(holds: boolean, sentence: string, found?: unknown): asserts holds {
  if (!holds) throw new Error(found === undefined ? sentence : `${sentence}\nfound: ${JSON.stringify(found)}`)
}

/** Throws if two values differ as JSON, with both. */
export function same(found: unknown, expected: unknown, what: string): void {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)]
  if (left !== right) throw new Error(`${what}\nfound:    ${left}\nexpected: ${right}`)
}
