/** A test file with its path in the repository. */
export interface TestFile {
  readonly path: string
  readonly text: string
}

/** The rules that one suite of the kit runs, or that one collection of tests shows. */
export interface Suite {
  readonly name: string
  readonly ids: readonly string[]
  /** Tells whether this file runs the suite. */
  runs(file: TestFile): boolean
}

/** `test`: runs in `npm test`. `long`: runs only in `npm run test:long`. */
export type Tier = 'test' | 'long'

const tierOf = ({ path }: TestFile): Tier => (path.endsWith('.long.test.ts') ? 'long' : 'test')

/** Lists the rule ids that a test file cites: in brackets in titles, and as the argument of `rule`. */
export function citedIn(text: string): readonly string[] {
  const titles = [...text.matchAll(/['"`][^'"`\n]*?((?:\[[A-Z]\d+(?:, ?[A-Z]\d+)*\] ?)+)/g)].flatMap(
    ([, ids]) => ids!.match(/[A-Z]\d+/g)!,
  )
  return [...titles, ...[...text.matchAll(/\brule\(['"]([A-Z]\d+)['"]\)/g)].map(([, id]) => id!)]
}

/**
 * Lists the suites that the conformance package exports: each array `xRules` is one. `testX` runs it if that is exported
 * too; otherwise a loop over the array does.
 */
export const suitesOf = (exports: Readonly<Record<string, unknown>>): readonly Suite[] =>
  Object.entries(exports).flatMap(([array, rules]) => {
    if (!/.Rules$/.test(array) || !Array.isArray(rules)) return []
    const registers = `test${array[0]!.toUpperCase()}${array.slice(1, -'Rules'.length)}`
    const name = registers in exports ? registers : array
    const call = registers in exports ? `${registers}(` : ` of ${array})`
    const ids = [...new Set(rules.map((rule: { readonly id: string }) => rule.id))]
    return [{ name, ids, runs: ({ text }: TestFile) => text.includes(call) }]
  })

/** Maps each rule to the suites and tests that show it, and each of these to the first tier in which it runs. */
export function coverageOf(
  suites: readonly Suite[],
  files: readonly TestFile[],
): ReadonlyMap<string, ReadonlyMap<string, Tier>> {
  const shown = new Map<string, Map<string, Tier>>()
  const add = (id: string, by: string, tier: Tier) => {
    const tiers = shown.get(id) ?? new Map<string, Tier>()
    shown.set(id, tiers.set(by, tiers.get(by) === 'test' ? 'test' : tier))
  }
  for (const { name, ids, runs } of suites)
    for (const file of files.filter(runs)) for (const id of ids) add(id, name, tierOf(file))
  for (const file of files) for (const id of citedIn(file.text)) add(id, 'single tests', tierOf(file))
  return shown
}

const between = (name: string) => [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`] as const

/** Writes the coverage of `ids` as a table between the coverage markers of `document`. Throws without both markers. */
export function withCoverage(
  document: string,
  ids: readonly string[],
  coverage: ReadonlyMap<string, ReadonlyMap<string, Tier>>,
): string {
  const [begin, end] = between('coverage')
  const [from, to] = [document.indexOf(begin), document.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`SPEC.md has no lines "${begin}" and "${end}", in this order.`)
  const shownIn = (id: string, tier: Tier) =>
    [...(coverage.get(id) ?? [])].flatMap(([by, at]) => (at === tier ? [by] : [])).join(', ')
  const rows = ids.map(id => `| ${id} | ${shownIn(id, 'test')} | ${shownIn(id, 'long')} |`)
  const table = ['| rule | `npm test` | only `npm run test:long` |', '| --- | --- | --- |', ...rows].join('\n')
  return `${document.slice(0, from)}${begin}\n${table}\n${document.slice(to)}`
}
