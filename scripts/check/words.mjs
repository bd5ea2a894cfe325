// words.mjs [--write]: fails if a word of words.json is found more often in sources and docs than its number there says.
// `--write` lowers the numbers to what is found. To allow a word once more, raise its number by hand and say why.
import { readFileSync, writeFileSync } from 'node:fs'
import { isMain, report, repositoryFiles } from './files.mjs'

/**
 * Matches a word or phrase and its plural, in prose, identifiers and file names: for "black cat" also "black-cat",
 * `blackCats`, `TheBlackCat`, and a line break of a comment between the two.
 */
export function patternOf(phrase) {
  const [head, ...rest] = phrase
    .split(' ')
    .map(word => ({ first: word[0], upper: word[0].toUpperCase(), end: word.slice(1) }))
  const begin = `(?:(?<![A-Za-z])[${head.first}${head.upper}]|(?<=[a-z])${head.upper})${head.end}`
  const next = rest.map(({ first, upper, end }) => `(?:(?:-|\\s+(?:(?:\\*|//|#) )?)[${first}${upper}]|${upper})${end}`)
  return new RegExp(`${begin}${next.join('')}s?(?![a-z])`, 'g')
}

/** Counts each of `words` in the paths and texts of `files`. */
export const counts = (files, words) =>
  Object.fromEntries(
    words.map(word => {
      const pattern = patternOf(word)
      return [word, files.reduce((sum, { path, text }) => sum + (`${path}\n${text}`.match(pattern)?.length ?? 0), 0)]
    }),
  )

/** Lists the words whose number rose above the baseline. */
export const risen = (baseline, found) =>
  Object.keys(baseline)
    .filter(word => found[word] > baseline[word])
    .map(word => `"${word}" is found ${found[word]} times, and was ${baseline[word]}: write it in plainer words.`)

/** Lowers the baseline to what was found; no number rises. */
export const lowered = (baseline, found) =>
  Object.fromEntries(Object.entries(baseline).map(([word, most]) => [word, Math.min(most, found[word])]))

if (isMain(import.meta)) {
  const list = new URL('words.json', import.meta.url)
  const baseline = JSON.parse(readFileSync(list, 'utf8'))
  const found = counts(repositoryFiles(/\.(ts|mjs|cjs|js|md|py)$/), Object.keys(baseline))
  report(risen(baseline, found))
  const next = `${JSON.stringify(lowered(baseline, found), null, 2)}\n`
  if (process.argv.includes('--write')) writeFileSync(list, next)
  else if (JSON.stringify(lowered(baseline, found)) !== JSON.stringify(baseline))
    console.error('Some words are found less often than before. Keep it so: node scripts/check/words.mjs --write')
}
