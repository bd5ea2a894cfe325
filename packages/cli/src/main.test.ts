import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lmdbStore } from '@midsentence/store-lmdb'
import { expect, onTestFinished, test, vi } from 'vitest'
import { main } from './main.ts'

/** Runs the command in this process. Returns the exit code and both outputs. */
async function midsentence(...args: string[]) {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const error = vi.spyOn(console, 'error').mockReturnValue()
  const restore = () => {
    out.mockRestore()
    error.mockRestore()
  }
  onTestFinished(restore)
  const code = await main(args)
  const said = (calls: readonly (readonly unknown[])[]) => calls.map(([text]) => text).join('')
  const ended = { code, stdout: said(out.mock.calls), stderr: said(error.mock.calls) }
  restore()
  return ended
}

test('every form of help lists the actions and commands', async () => {
  const asked = [['--help'], ['-h'], ['help'], []]
  for (const args of asked) {
    const { code, stdout, stderr } = await midsentence(...args)
    expect([code, stderr]).toEqual([0, ''])
    for (const word of [
      'append',
      'undo',
      'reset',
      'push',
      'check',
      'serve',
      'join',
      'chat',
      'agent',
      'mcp',
      'demo',
      'debate',
      'backup',
      'verify',
    ])
      expect(stdout).toContain(word)
  }
})

test('--version prints the version', async () => {
  const { code, stdout } = await midsentence('--version')
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)])
})

test.each([
  ['serve', ['--host', '--port', '--data', '--memory', '--keep-bytes', '--no-legacy-dialect', '--demo', '--speed']],
  ['join', ['URL', '--name', '--room', 'curl']],
  [
    'chat',
    ['URL', '--name', '--room', '/push', '/undo', '/reset', '/draft', '/hush', '/who', '/quit', '--times', '--no-bell'],
  ],
  ['agent', ['URL', '--model', '--base-url', '--api-key-env', '--attention', '--tokens', '--header', '--no-journal']],
  ['mcp', ['URL', '--name', '--room', '--token', '--http', '--journal', 'MIDSENTENCE_TOKEN', '--leave-at-end']],
  ['demo', ['--url', '--speed']],
  ['admin', ['URL', 'rooms', 'participants', 'remove', 'close', 'open', '--token-file', '--for']],
  ['watch', ['URL', '--room', '--from', '--credential-file']],
  ['record', ['URL', '--room', '--from', '--to', 'JSON']],
  ['conformance', ['URL', '--dialect', '--seed', '--runs', '--rules', '--json', '--junit', 'curl']],
  ['arena', ['--scenario', '--policy', '--against', '--seeds', '--json', '--record', '--trace', '--list', '--repairs']],
  ['backup', ['TO', '--data', 'restore']],
  ['verify', ['--data', '--nats', 'checksum']],
  ['export', ['--data', '--nats', '--to', 'tokens']],
  ['import', ['FILE', '--data', '--nats', 'nothing']],
  ['debate', ['--speed', '--base-url', '--model', '--topic', '--turns']],
])('every form of help for %s describes its options', async (name, words) => {
  const asked = [
    [name, '--help'],
    [name, '-h'],
    ['help', name],
  ]
  for (const args of asked) {
    const { code, stdout, stderr } = await midsentence(...args)
    expect([code, stderr]).toEqual([0, ''])
    for (const word of words) expect(stdout).toContain(word)
    expect(stdout.split('\n').filter(line => line.length > 100)).toEqual([])
  }
})

test.each([
  [
    ['dance'],
    'There is no command "dance": there are serve, join, chat, agent, mcp, demo, debate, conformance, arena, watch, record, admin, backup, verify, export and import.',
    ' --help',
  ],
  [['demo', 'now'], 'demo takes no argument "now", only --url and --speed.', ' demo --help'],
  [['demo', '--spede', '2'], 'demo has no option --spede: it takes --url and --speed.', ' demo --help'],
  [['demo', '--speed', 'fast'], '--speed takes a number above 0', ' demo --help'],
  [['demo', '--speed', '0'], '--speed takes a number above 0', ' demo --help'],
  [['demo', '--url', 'localhost:8890'], '--url is the address of a server', ' demo --help'],
  [['serve', '--port'], '--port needs a value', ' serve --help'],
  [['serve', '--port', '70000'], '--port takes a number from 0 to 65535', ' serve --help'],
  [['serve', '--memory=1'], '--memory takes no value.', ' serve --help'],
  [
    ['chat'],
    'chat takes URL, --name, --room, --last, --credential, --credential-file, --times and --no-bell: URL is missing.',
    ' chat --help',
  ],
  [
    ['admin', 'http://127.0.0.1:1'],
    'admin takes URL, ACTION, ROOM, NAME, --token-file and --for: ACTION is missing.',
    ' admin --help',
  ],
  [['admin', 'http://127.0.0.1:1', 'dance'], 'admin has no action "dance": there are rooms,', ' admin --help'],
  [
    ['admin', 'http://127.0.0.1:1', 'remove', 'a'],
    'admin remove takes ROOM and NAME: NAME is missing.',
    ' admin --help',
  ],
  [['admin', 'http://127.0.0.1:1', 'rooms'], 'You need the admin token', ' admin --help'],
  [
    ['serve', '--memory', '--data', 'x'],
    '--data keeps rooms on disk and --memory does not: give one of them.',
    ' serve --help',
  ],
  [['serve', '--data', ''], '--data takes a directory', ' serve --help'],
  [['serve', '--keep-messages', '0'], '--keep-messages takes a whole number above 0', ' serve --help'],
  [['serve', '--keep-bytes', '500'], '--keep-bytes takes a number with MB, GB or TB', ' serve --help'],
  [['backup'], 'backup takes TO and --data: TO is missing.', ' backup --help'],
  [['import'], 'import takes FILE, --data, --nats,', ' import --help'],
  [['chat', 'http://127.0.0.1:1'], 'You need a name in the room', ' chat --help'],
  [['agent', 'http://127.0.0.1:1', '--name', 'Ada'], 'You need a model, as in: --model', ' agent --help'],
  [
    ['agent', 'http://127.0.0.1:1', '--name', 'Ada', '--model', 'm', '--base-url', 'x'],
    '--base-url is the',
    ' agent --help',
  ],
  [['mcp', 'nowhere'], 'URL is the address of a server', ' mcp --help'],
  [['mcp'], 'You need a name in the room', ' mcp --help'],
  [['mcp', '--http', 'x'], '--http takes a number from 0', ' mcp --help'],
  [['mcp', '--name', 'Ada', '--token', 'x'], 'Give mcp a name or a token', ' mcp --help'],
  [['mcp', '--name', 'Ada', '--numbered', '--no-numbered'], 'Give mcp --numbered or --no-numbered', ' mcp --help'],
  [['mcp', '--http', '0', '--leave-at-end'], 'With --http the sessions belong to their tokens', ' mcp --help'],
  [['join', 'http://127.0.0.1:9', '--name', 'Ada', '--last', 'x'], '--last takes a whole number', ' join --help'],
  [
    ['join', 'http://127.0.0.1:9', '--name', 'Ada', '--last', '-1'],
    '--last takes no number below 0, such as -1.',
    ' join --help',
  ],
  [['chat', 'http://127.0.0.1:9', '--last', '--name', 'Ada'], '--last needs a value after it.', ' chat --help'],
  [['mcp', '--name', 'Ada', '--last=-1'], '--last takes a whole number from 0 on', ' mcp --help'],
  [['mcp', '--name', 'Ada', '--journal', ''], '--journal takes the path of a file.', ' mcp --help'],
  [['debate', '--model', 'm'], '--base-url is the address of an endpoint', ' debate --help'],
  [['debate', '--turns', '0'], '--turns takes a whole number above 0', ' debate --help'],
  [['join', 'nowhere', '--name', 'Ada'], 'URL is the address of a server', ' join --help'],
  [
    ['chat', 'http://a:1, b:2', '--name', 'Ada'],
    'URL is the address of a server, as http://127.0.0.1:8890, not "b:2".',
    ' chat --help',
  ],
  [
    ['agent', 'http://a:1,', '--name', 'Ada'],
    'URL is the address of a server, as http://127.0.0.1:8890, not "".',
    ' agent --help',
  ],
  [
    ['watch', 'http://a;http://b'],
    'URL is the address of a server, as http://127.0.0.1:8890, not "http://a;http://b".',
    ' watch --help',
  ],
  [
    ['conformance', 'http://a,http://b'],
    'URL is the address of a server, as http://127.0.0.1:8890, not "http://a,http://b".',
    ' conformance --help',
  ],
  [['conformance', 'nowhere'], 'URL is the address of a server', ' conformance --help'],
  [
    ['conformance', 'http://127.0.0.1:9', '--runs', '0'],
    '--runs takes a whole number, 1 or more',
    ' conformance --help',
  ],
  [['conformance', 'http://127.0.0.1:9', '--dialect', 'x'], '--dialect is native or legacy', ' conformance --help'],
  [
    ['conformance', 'http://127.0.0.1:9', '--rules', 'P1,Q9'],
    '--rules takes rule ids, as P1,P2: there is no rule "Q9".',
    ' conformance --help',
  ],
])('%j prints a sentence and exits with 2', async (args, sentence, help) => {
  const { code, stdout, stderr } = await midsentence(...args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(`midsentence: ${sentence}`)
  expect(stderr.trimEnd().endsWith(`Read more with: midsentence${help}`)).toBe(true)
  expect(stderr).not.toMatch(/^ +at /m)
})

test.each([
  ['demo', '--url', 'http://127.0.0.1:9'],
  ['chat', 'http://127.0.0.1:9', '--name', 'Ada'],
  ['join', 'http://127.0.0.1:9', '--name', 'Ada'],
  ['agent', 'http://127.0.0.1:9', '--name', 'Ada', '--model', 'm', '--base-url', 'http://127.0.0.1:9/v1'],
])('%s without a server prints a sentence and exits with 1', async (...args) => {
  const { code, stderr } = await midsentence(...args)
  expect(code).toBe(1)
  expect(stderr).toMatch(/^midsentence: .+midsentence serve.*$/)
})

/** Starts a web server that answers everything with `status`, a redirect with its path below another address. */
async function webServer(status: number): Promise<string> {
  const server = createServer((req, res) =>
    res.writeHead(status, status === 308 ? { location: `https://chat.example/below${req.url}` } : {}).end(),
  )
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('join, admin and chat name where a redirect leads, and ask for another path after 404', async () => {
  const moved = await webServer(308)
  const nowhere = await webServer(404)
  const token = tokenFile()
  const calls = (url: string) => [
    ['join', url, '--name', 'Ada'],
    ['chat', url, '--name', 'Ada'],
    ['admin', url, 'rooms', '--token-file', token],
  ]
  const target = 'https://chat.example/below: use that address instead.'
  for (const args of calls(moved)) {
    const { code, stderr } = await midsentence(...args)
    expect([code, stderr]).toEqual([1, `midsentence: The server at ${moved} redirects to ${target}`])
  }
  for (const args of calls(nowhere)) {
    const { code, stderr } = await midsentence(...args)
    expect([code, stderr]).toEqual([1, expect.stringMatching(/mounted under another path\?/)])
  }
})

function tokenFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'token'), 'a-token-of-sixteen-characters')
  return join(folder, 'token')
}

test('an export with a byte order mark, as some editors write it, is imported', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [rooms, file, copy] = ['rooms', 'export.jsonl', 'copy'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  await (await lmdbStore(rooms)).close()
  expect(await midsentence('export', '--data', rooms, '--to', file)).toMatchObject({ code: 0 })
  writeFileSync(file, `\ufeff${readFileSync(file, 'utf8')}`)
  expect(await midsentence('import', file, '--data', copy)).toMatchObject({ code: 0, stderr: '' })
})
