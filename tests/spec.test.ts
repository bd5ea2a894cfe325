import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  draftRules,
  hubRules,
  journalRules,
  roomLogRules,
  rules,
  serverRules,
  sessionLogRules,
  transportRules,
} from '@midsentence/conformance'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const spec = readFileSync(join(root, 'packages/conformance/SPEC.md'), 'utf8')
const specified = [...spec.matchAll(/^### ([A-Z]\d+) · (.+)\n+(.+)$/gm)].map(([, id, title, says]) => ({
  id,
  title,
  says,
}))

/** Test files by path, but for those about the rules themselves. */
const tests = ['packages', 'tests']
  .flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(file => join(folder, file)),
  )
  .filter(
    file => file.endsWith('.test.ts') && !/node_modules|dist\//.test(file) && file !== join('tests', 'spec.test.ts'),
  )

/** Ids in brackets in titles, and those named to `rule`. */
const citedIn = (source: string): string[] => {
  const titles = [...source.matchAll(/['"`][^'"`\n]*?((?:\[[A-Z]\d+(?:, ?[A-Z]\d+)*\] ?)+)/g)].flatMap(
    ([, ids]) => ids!.match(/[A-Z]\d+/g)!,
  )
  const named = [...source.matchAll(/\brule\(['"]([A-Z]\d+)['"]\)/g)].map(([, id]) => id!)
  return [...titles, ...named]
}

test('SPEC.md and the table of rules are the same, in the same order', () => {
  expect(specified.map(({ id, title }) => ({ id, title }))).toEqual(rules)
  expect(specified.filter(({ says }) => !/[.).]$/.test(says ?? ''))).toEqual([])
})

const cited = new Map<string, string[]>()
for (const file of tests)
  for (const id of citedIn(readFileSync(join(root, file), 'utf8'))) cited.set(id, [...(cited.get(id) ?? []), file])
for (const { id } of transportRules) cited.set(id, [...(cited.get(id) ?? []), 'testTransport'])
for (const { id } of serverRules) cited.set(id, [...(cited.get(id) ?? []), 'testServer'])
for (const { id } of hubRules) cited.set(id, [...(cited.get(id) ?? []), 'testHub'])
for (const { id } of roomLogRules) cited.set(id, [...(cited.get(id) ?? []), 'testRoomLog'])
for (const { id } of journalRules) cited.set(id, [...(cited.get(id) ?? []), 'testJournal'])
for (const { id } of sessionLogRules) cited.set(id, [...(cited.get(id) ?? []), 'testSessionLog'])
for (const { id } of draftRules) cited.set(id, [...(cited.get(id) ?? []), 'draftRules'])

/** Each transcript is played by tests, to the dispatcher and over HTTP. */
const golden = join(root, 'packages/conformance/golden')
for (const file of readdirSync(golden).filter(file => file.endsWith('.json'))) {
  const { rules: shown = [] } = JSON.parse(readFileSync(join(golden, file), 'utf8')) as { rules?: string[] }
  for (const id of shown) cited.set(id, [...(cited.get(id) ?? []), file])
}

test('every rule is shown by a test', () => {
  expect(rules.map(({ id }) => id).filter(id => !cited.has(id))).toEqual([])
})

test('every cited id is a rule', () => {
  const known = new Set<string>(rules.map(({ id }) => id))
  expect([...cited].filter(([id]) => !known.has(id))).toEqual([])
})
