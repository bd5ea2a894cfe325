import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { command } from './pack/command.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const simulate = (...args: string[]) =>
  command(root, process.execPath, '--conditions=production', 'scripts/simulate/run.mjs', ...args)

test('several workers simulate many seeds, with a summary at the end', async () => {
  const { code, said } = await simulate('--seeds', '40', '--workers', '2')
  expect(said).toContain('40 seeds from 1, 2 at a time.')
  expect(said).toMatch(/No rule broken: 40 seeds, [\d,]+ messages, [\d,]+ a minute\./)
  expect(code).toBe(0)
})

test('one seed is simulated again with its trace', async () => {
  const first = await simulate('--seed', '60', '--trace')
  expect(first.said).toMatch(/No more faults from here on\./)
  expect(first.said).toContain('Seed 60 breaks no rule.')
  expect(first.code).toBe(0)
  expect(await simulate('--seed', '60', '--trace')).toEqual(first)
})

test.for([
  [['--seeds', 'many'], '--seeds takes a whole number from 1, not "many".'],
  [['--workers', '0'], '--workers takes a whole number from 1, not "0".'],
  [['--sedes', '5'], "Unknown option '--sedes'"],
] as const)('%j is refused in a sentence', async ([args, sentence]) => {
  const { code, said } = await simulate(...args)
  expect(said).toContain(sentence)
  expect(said).toContain('Usage: npm run simulate')
  expect(said).not.toContain('    at ')
  expect(code).toBe(2)
})
