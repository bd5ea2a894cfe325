/** The members that lead to a field; `[]` is every item of a list. */
export type FieldPath = readonly string[]

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Lists the paths of all fields in a value, members of lists included. Does not look into `meta`, `state` and results. */
export function pathsIn(value: unknown, at: FieldPath = []): readonly FieldPath[] {
  if (Array.isArray(value)) return value.flatMap(item => pathsIn(item, [...at, '[]']))
  if (!isObject(value) || ['meta', 'result', 'data'].includes(at.at(-1) ?? '')) return []
  return Object.entries(value).flatMap(([name, member]) => [[...at, name], ...pathsIn(member, [...at, name])])
}

/** Returns a copy of `value` whose field at `path` is `change`d; undefined leaves it out. */
export function changedAt(value: unknown, path: FieldPath, change: (field: unknown) => unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return change(value)
  if (name === '[]') return Array.isArray(value) ? value.map(item => changedAt(item, rest, change)) : value
  if (!isObject(value) || !Object.hasOwn(value, name)) return value
  return { ...value, [name]: changedAt(value[name], rest, change) }
}

/** Joins a path for a table, as `messages[].seq`. */
export const shown = (path: FieldPath): string => path.join('.').replaceAll('.[]', '[]')
