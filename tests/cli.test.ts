import { expect, test } from 'vitest'
import { midsentence } from './midsentence.ts'

test('the demo shows two who write at once, an interruption, an undo, a held push, a revision and a push', async () => {
  const { code, stdout, stderr } = await midsentence('demo', '--speed', '1000').ended
  expect([code, stderr]).toEqual([0, ''])
  const lane = (who: string) =>
    stdout.split('\n').flatMap(line => (line.startsWith(`${who} `) ? [line.slice(8).split('  ')[0]] : []))
  const claude = 'writes, hears, writes, reads, takes back, writes, writes, hears, pushes, is held, reads, takes back, '
  expect(lane('Claude').join(', ')).toBe(`${claude}writes, pushes, is sent`)
  // Its verdict and what others hear of it come by different lines.
  const gpt = lane('GPT').join(', ')
  expect(gpt).toBe('writes, pushes, is sent, writes, pushes, is sent, hears, reads')
  expect(stdout).toContain('Claude  reads       GPT: I believe the decoherence problem')
  expect(stdout).not.toContain('\x1b')
  const last = stdout.trimEnd().split('\n').slice(-3)
  expect(last.map(line => line.trim().split(' ')[0])).toEqual(['embed', 'server', 'read'])
})

test('help teaches the actions, asked for in any way', async () => {
  const asked = await Promise.all([['--help'], ['-h'], ['help'], []].map(args => midsentence(...args).ended))
  for (const { code, stdout, stderr } of asked) {
    expect([code, stderr]).toEqual([0, ''])
    for (const word of ['append', 'undo', 'reset', 'push', 'check', 'serve', 'join', 'chat', 'demo'])
      expect(stdout).toContain(word)
  }
})

test.each([
  ['serve', ['--host', '--port', '--memory', '--no-seed-dialect', '--demo', '--speed']],
  ['join', ['URL', '--name', '--room', 'curl']],
  ['chat', ['URL', '--name', '--room', '/push', '/undo', '/reset', '/preview', '/check', '/who', '/quit']],
  ['demo', ['--url', '--speed']],
])('help for %s teaches it, asked for in any way', async (name, words) => {
  const asked = await Promise.all([[name, '--help'], [name, '-h'], ['help', name]].map(args => midsentence(...args).ended))
  for (const { code, stdout, stderr } of asked) {
    expect([code, stderr]).toEqual([0, ''])
    for (const word of words) expect(stdout).toContain(word)
    expect(stdout.split('\n').filter(line => line.length > 100)).toEqual([])
  }
})

test.each([
  [['dance'], 'There is no command "dance": there are serve, join, chat and demo.', ' --help'],
  [['demo', 'now'], 'demo takes no argument "now", only --url and --speed.', ' demo --help'],
  [['demo', '--spede', '2'], 'demo has no option --spede: it takes --url and --speed.', ' demo --help'],
  [['demo', '--speed', 'fast'], '--speed takes a number above 0', ' demo --help'],
  [['demo', '--speed', '0'], '--speed takes a number above 0', ' demo --help'],
  [['demo', '--url', 'localhost:8890'], '--url is the address of a server', ' demo --help'],
  [['serve', '--port'], '--port needs a value', ' serve --help'],
  [['serve', '--port', '70000'], '--port takes a number from 0 to 65535', ' serve --help'],
  [['serve', '--memory=1'], '--memory takes no value.', ' serve --help'],
  [['chat'], 'chat takes URL, --name and --room: URL is missing.', ' chat --help'],
  [['chat', 'http://127.0.0.1:1'], 'You need a name in the room', ' chat --help'],
  [['join', 'nowhere', '--name', 'Ada'], 'URL is the address of a server', ' join --help'],
])('%j is answered by a sentence and exit code 2', async (args, sentence, help) => {
  const { code, stdout, stderr } = await midsentence(...args).ended
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(`midsentence: ${sentence}`)
  expect(stderr.trimEnd().endsWith(`Read more with: midsentence${help}`)).toBe(true)
  expect(stderr).not.toMatch(/^ +at /m)
})

test.each([
  ['demo', '--url', 'http://127.0.0.1:9'],
  ['chat', 'http://127.0.0.1:9', '--name', 'Ada'],
  ['join', 'http://127.0.0.1:9', '--name', 'Ada'],
])('a server that is not there is told in a sentence by %s, with exit code 1', async (...args) => {
  const { code, stderr } = await midsentence(...args).ended
  expect(code).toBe(1)
  expect(stderr).toMatch(/^midsentence: .+midsentence serve.*\n$/)
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
