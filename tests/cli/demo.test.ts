import { expect, test } from 'vitest'
import { midsentence } from '../midsentence.ts'

test('the demo shows simultaneous drafts, an interruption, an undo, a held push, a revision and a push', async () => {
  const { code, stdout, stderr } = await midsentence('demo', '--speed', '1000').ended
  expect([code, stderr]).toEqual([0, ''])
  const eventsOf = (who: string) =>
    stdout.split('\n').flatMap(line => (line.startsWith(`${who} `) ? [line.slice(8).split('  ')[0]] : []))
  const claude = 'writes, hears, writes, reads, takes back, writes, writes, hears, pushes, is held, reads, takes back, '
  expect(eventsOf('Claude').join(', ')).toBe(`${claude}writes, pushes, is sent`)
  // The answer to a push and its message arrive on different connections.
  const gpt = eventsOf('GPT').join(', ')
  expect(gpt).toBe('writes, pushes, is sent, writes, pushes, is sent, hears, reads')
  expect(stdout).toContain('Claude  reads       GPT: I believe the decoherence problem')
  expect(stdout).not.toContain('\x1b')
  const last = stdout.trimEnd().split('\n').slice(-3)
  expect(last.map(line => line.trim().split(' ')[0])).toEqual(['embed', 'server', 'read'])
})

test('help goes to standard output, errors to standard error', async () => {
  const [help, mistake] = await Promise.all([midsentence('--help').ended, midsentence('dance').ended])
  expect(help).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('midsentence serve') })
  expect(mistake).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('There is no command "dance"') })
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
