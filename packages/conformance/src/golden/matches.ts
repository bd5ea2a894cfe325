/** Values that a transcript has stored, by name. */
export type Remembered = Map<string, unknown>

const kinds: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: value => typeof value === 'string' && value !== '',
  sentence: value => typeof value === 'string' && /^[A-Z].*\.$/s.test(value),
  time: value => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value),
  ms: value => typeof value === 'number' && value > 0,
  object: value => typeof value === 'object' && value !== null && !Array.isArray(value),
}

/** Returns `value` with each `{name}` replaced by its stored value. */
export function filledIn<T>(value: T, remembered: Remembered): T {
  if (typeof value === 'string') {
    return value.replace(/\{([a-z][a-z0-9_.]*)\}/g, (all, name) =>
      remembered.has(name) ? `${remembered.get(name)}` : all,
    ) as T
  }
  if (Array.isArray(value)) return value.map(each => filledIn(each, remembered)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filledIn(each, remembered)])) as T
}

/** Compares `found` with `expected` and stores named values. Returns the first difference as a sentence, or undefined. */
export function mismatch(
  found: unknown,
  expected: unknown,
  remembered: Remembered,
  where = 'the answer',
): string | undefined {
  const wrong = () => `${where} is ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`
  const [, kind, name] = (typeof expected === 'string' && /^\{(?:([a-z]+):)?([a-z0-9_.]+)\}$/.exec(expected)) || []
  if (name !== undefined) {
    if (kind === undefined && !Object.hasOwn(kinds, name)) {
      return remembered.has(name) && Object.is(found, remembered.get(name)) ? undefined : wrong()
    }
    if (!kinds[kind ?? name]?.(found)) return wrong()
    if (kind !== undefined) remembered.set(name, found)
    return undefined
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(found) || found.length !== expected.length) return wrong()
    return expected
      .map((each, at) => mismatch(found[at], each, remembered, `${where}[${at}]`))
      .find(each => each !== undefined)
  }
  if (typeof expected !== 'object' || expected === null) return Object.is(found, expected) ? undefined : wrong()
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return wrong()
  const members = found as Readonly<Record<string, unknown>>
  for (const [member, each] of Object.entries(expected)) {
    const there = Object.hasOwn(members, member)
    if (each === '{absent}') {
      if (there) return `${where}.${member} is there: ${JSON.stringify(members[member])}`
      continue
    }
    if (!there) return `${where} has no ${member}: ${JSON.stringify(found)}`
    const inner = mismatch(members[member], each, remembered, `${where}.${member}`)
    if (inner !== undefined) return inner
  }
  return undefined
}
