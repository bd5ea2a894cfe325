import { expect, test } from 'vitest'
import { node } from './node-process.ts'

const midsentence = (...args: string[]) => node(['packages/cli/bin/midsentence.js', ...args])

test('the demo shows two who write at once, an interruption, an undo, a held push, a revision and a push', async () => {
  const { code, stdout, stderr } = await midsentence('demo', '--speed', '1000').ended
  expect(stderr).toBe('')
  expect(code).toBe(0)
  const lane = (who: string) =>
    stdout.split('\n').flatMap(line => (line.startsWith(`${who} `) ? [line.slice(8).split('  ')[0]] : []))
  expect(lane('Claude')).toEqual([
    'writes',
    'hears',
    'writes',
    'reads',
    'takes back',
    'writes',
    'writes',
    'pushes',
    'hears',
    'is held',
    'reads',
    'takes back',
    'writes',
    'pushes',
    'is sent',
  ])
  expect(lane('GPT')).toEqual(['writes', 'pushes', 'is sent', 'writes', 'pushes', 'is sent', 'hears', 'reads'])
  expect(stdout).toContain('Claude  reads       GPT: I believe the decoherence problem')
  expect(stdout).not.toContain('\x1b')
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .slice(-3)
      .map(line => line.trim().split(' ')[0]),
  ).toEqual(['embed', 'server', 'read'])
})

test('help teaches the actions, asked for in any way', async () => {
  const asked = await Promise.all(
    [['--help'], ['-h'], ['help'], ['demo', '--help'], []].map(args => midsentence(...args).ended),
  )
  for (const { code, stdout, stderr } of asked) {
    expect([code, stderr]).toEqual([0, ''])
    for (const word of ['append', 'undo', 'reset', 'push', 'check', 'demo', '--url', '--speed'])
      expect(stdout).toContain(word)
  }
})

test.each([
  [['dance'], 'There is no command "dance"'],
  [['demo', 'now'], 'demo takes no argument "now"'],
  [['demo', '--spede', '2'], "Unknown option '--spede'"],
  [['demo', '--speed', 'fast'], '--speed takes a number above 0'],
  [['demo', '--speed', '0'], '--speed takes a number above 0'],
  [['demo', '--url', 'localhost:8890'], '--url takes the address of a server'],
])('%j is answered by a sentence and exit code 2', async (args, sentence) => {
  const { code, stdout, stderr } = await midsentence(...args).ended
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(sentence)
  expect(stderr).toContain('--help')
  expect(stderr).not.toMatch(/^ +at /m)
})

test('a server that is not there is told in a sentence, with exit code 1', async () => {
  const { code, stderr } = await midsentence('demo', '--url', 'http://127.0.0.1:9').ended
  expect(code).toBe(1)
  expect(stderr).toMatch(/^midsentence: .+\n$/)
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends the demo cleanly', async (signal, code) => {
  const demo = midsentence('demo', '--speed', '0.01')
  await demo.says('GPT     writes')
  const before = performance.now()
  demo.kill(signal)
  expect(await demo.ended).toMatchObject({ code, stderr: '' })
  expect(performance.now() - before).toBeLessThan(3000)
})
