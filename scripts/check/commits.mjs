// commits.mjs: fails if a commit since BASE has a subject that is not `area: Imperative …` with at most 72 characters.
import { git, isMain, report } from './files.mjs'
import { verbs } from './verbs.mjs'

/** The last commit from before this rule. */
const BASE = '30157f27fefba1153babfc721c47b53daec220f7'
const MOST = 72

const shape = /^[a-z][\w./-]*(?:, [a-z][\w./-]*)*: (\S+)/

/** Says what is wrong with a commit subject. Undefined: nothing. */
export function fault(subject) {
  // Parents do not tell a merge: a shallow clone hides those of its oldest commit.
  if (subject.startsWith('Merge ')) return undefined
  if (subject.length > MOST) return `has ${subject.length} characters: use at most ${MOST}`
  const verb = shape.exec(subject)?.[1]
  if (verb === undefined) return 'has another form: write "area: Imperative …", e.g. "core: Batch writes of one turn"'
  if (verbs.includes(verb.toLowerCase())) return undefined
  return `begins with "${verb}", which is no known verb: use an imperative, or add yours to scripts/check/verbs.mjs`
}

/** Lists the faults of commits, each given as `hash subject`. */
export const faults = log =>
  log
    .split('\n')
    .filter(line => line !== '')
    .flatMap(line => {
      const [, hash, subject] = /^(\w+) (.*)$/.exec(line)
      const found = fault(subject)
      return found ? [`Commit ${hash} "${subject}" ${found}.`] : []
    })

/**
 * Picks the commits to check: what came after BASE. A shallow clone that ends after BASE has only newer commits, so all
 * of them are checked. Returns an error sentence where neither holds, and undefined where there is no history at all.
 */
export function rangeToCheck({ head, base, shallow }) {
  if (!head) return undefined
  if (base) return `${BASE}..HEAD`
  return shallow
    ? 'HEAD'
    : new Error(`The history has no commit ${BASE}: name the last unchecked one in scripts/check/commits.mjs.`)
}

if (isMain(import.meta)) {
  const range = rangeToCheck({
    head: git('rev-parse', '--verify', '--quiet', 'HEAD') !== undefined,
    base: git('cat-file', '-e', `${BASE}^{commit}`) !== undefined,
    shallow: git('rev-parse', '--is-shallow-repository')?.trim() === 'true',
  })
  if (range === undefined) console.error('Commit subjects were not checked: this folder has no git history.')
  else if (range instanceof Error) report([range.message])
  else report(faults(git('log', '--format=%h %s', range)))
}
