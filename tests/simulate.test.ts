import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { command } from './pack/command.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const simulate = (...args: string[]) =>
  command(root, process.execPath, '--conditions=production', 'scripts/simulate/run.mjs', ...args)

test('several workers simulate many seeds, with a summary at the end', async () => {
  const { code, output } = await simulate('--seeds', '4', '--workers', '2')
  expect(output).toContain('4 seeds from 1, 2 at a time.')
  expect(output).toMatch(/No rule broken: 4 seeds, [\d,]+ messages, [\d,]+ a minute\./)
  expect(code).toBe(0)
})

test('one seed is simulated again with its trace', async () => {
  const first = await simulate('--seed', '60', '--trace')
  expect(first.output).toMatch(/No more faults from here on\./)
  expect(first.output).toContain('Seed 60 breaks no rule.')
  expect(first.code).toBe(0)
  expect(await simulate('--seed', '60', '--trace')).toEqual(first)
})

test.for([
  [['--seeds', 'many'], '--seeds takes a whole number from 1, not "many".'],
  [['--workers', '0'], '--workers takes a whole number from 1, not "0".'],
  [['--sedes', '5'], "Unknown option '--sedes'"],
] as const)('%j is refused in a sentence', async ([args, sentence]) => {
  const { code, output } = await simulate(...args)
  expect(output).toContain(sentence)
  expect(output).toContain('Usage: npm run simulate')
  expect(output).not.toContain('    at ')
  expect(code).toBe(2)
})
