import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type RuleId, rule } from '../../kit/rules.ts'
import { serverRules } from '../../server/server-rules.ts'
import { findingsOf, likeliestFirst } from './likely-cause.ts'
import type { Report, RuleOutcome } from './report.ts'

/** The bugs of servers in docs/mutants.md, each with its rule and all rules that it breaks. */
const mutants = readFileSync(new URL('../../../../../docs/mutants.md', import.meta.url), 'utf8')
  .split('\n')
  .map(line => line.split('|').map(cell => cell.trim()))
  .filter(([, , part]) => part === 'server')
  .map(([, name, , named, others]) => ({
    name: name!,
    named: named as RuleId,
    broken: [named!, ...others!.split(', ').filter(id => id !== '')].map(id => ({ id: id as RuleId })),
  }))

test('of the rules that one bug breaks, the one named for it comes first', () => {
  const several = mutants.filter(({ broken }) => broken.length > 1)
  const first = several.filter(({ named, broken }) => likeliestFirst(broken)[0]!.id === named)
  expect(several.length).toBeGreaterThan(20)
  expect(first.length / several.length).toBeGreaterThan(0.7)
})

test('every rule of a server has a place in the order', () => {
  const ids = [...new Set(serverRules.map(({ id }) => id))]
  const unknown: { readonly id: RuleId } = { id: 'X1' }
  expect(ids.filter(id => likeliestFirst([unknown, { id }])[0]!.id === 'X1')).toEqual([])
})

test('findings are in the order of their likelihood, and kept rules are none', () => {
  const broken = (id: RuleId): RuleOutcome => ({ ...rule(id), outcome: 'fail', cases: 1, ms: 1, finding: { why: id } })
  const kept: RuleOutcome = { ...rule('A1'), outcome: 'pass', cases: 1, ms: 1 }
  const outcomes = [broken('P5'), broken('H1'), broken('F1'), kept, broken('W2')]
  const report: Report = { url: '', dialect: 'native', seed: 1, runs: 1, started: '', ms: 1, outcomes }
  expect(findingsOf(report).map(({ id }) => id)).toEqual(['H1', 'W2', 'F1', 'P5'])
})
