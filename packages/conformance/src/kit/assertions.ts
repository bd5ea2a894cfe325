/** What a broken rule throws: one sentence, and what was found where it helps. */
export function must(holds: boolean, sentence: string, found?: unknown): asserts holds {
  if (!holds) throw new Error(found === undefined ? sentence : `${sentence}\nfound: ${JSON.stringify(found)}`)
}

/** Are the two the same as JSON? Else throws with both. */
export function same(found: unknown, expected: unknown, what: string): void {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)]
  if (left !== right) throw new Error(`${what}\nfound:    ${left}\nexpected: ${right}`)
}
