import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as conformance from '@midsentence/conformance'
import * as functions from '@midsentence/conformance/functions'
import { expect, test } from 'vitest'
import { coverageOf, type Suite, suitesOf, type TestFile, withCoverage } from './spec/coverage.ts'

const { rules } = conformance
const root = join(import.meta.dirname, '..')
const specFile = join(root, 'packages/conformance/SPEC.md')
const spec = readFileSync(specFile, 'utf8')
const specified = [...spec.matchAll(/^### ([A-Z]\d+) · (.+)\n+(.+)$/gm)].map(([, id, title, says]) => ({
  id,
  title,
  says,
}))

/** All test files except those about the coverage table. Lists source folders only, since `node_modules` take seconds. */
const tests: readonly TestFile[] = [...readdirSync(join(root, 'packages')).map(name => `packages/${name}/src`), 'tests']
  .flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(file => join(folder, file)),
  )
  .filter(path => path.endsWith('.test.ts') && !/^tests\/spec\b/.test(path))
  .map(path => ({ path, text: readFileSync(join(root, path), 'utf8') }))

/** The rules that the golden transcripts name. */
const transcripts = join(root, 'packages/conformance/golden')
const golden: Suite = {
  name: 'golden transcripts',
  ids: readdirSync(transcripts)
    .filter(file => file.endsWith('.json'))
    .flatMap(file => (JSON.parse(readFileSync(join(transcripts, file), 'utf8')) as { rules?: string[] }).rules ?? []),
  runs: ({ path }) => /(^|\/)golden(\.\w+)?\.test\.ts$/.test(path),
}

const coverage = coverageOf([...suitesOf({ ...functions, ...conformance }), golden], tests)

test('SPEC.md and rules.ts have the same rules in the same order', () => {
  expect(specified.map(({ id, title }) => ({ id, title }))).toEqual(rules)
  expect(specified.filter(({ says }) => !/[.).]$/.test(says ?? ''))).toEqual([])
})

test('every rule has a test', () => {
  expect(rules.map(({ id }) => id).filter(id => !coverage.has(id))).toEqual([])
})

test('every id in a test is a rule', () => {
  const known = new Set<string>(rules.map(({ id }) => id))
  expect([...coverage].filter(([id]) => !known.has(id))).toEqual([])
})

test('the coverage table of SPEC.md is up to date; update it with `vitest run -u`', async () => {
  const ids = rules.map(({ id }) => id)
  await expect(withCoverage(spec, ids, coverage)).toMatchFileSnapshot(specFile)
})
