import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence, serving } from '../midsentence.ts'

/** Creates files by name and content, deleted after the test. Returns their paths. */
function files(contents: Readonly<Record<string, string>>): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return Object.fromEntries(
    Object.entries(contents).map(([name, text]) => {
      writeFileSync(join(folder, name), text)
      return [name, join(folder, name)]
    }),
  )
}

const rpc = async (url: string, method: string, params: object = {}, token = '') => {
  const res = await fetch(`${url}/rpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: each test checks the fields it needs
  return (await res.json()) as { result?: any; error?: any }
}

test('serve refuses to listen for other machines without access control, and says how to add it', async () => {
  const { code, stdout, stderr } = await midsentence('serve', '--memory', '--host', '0.0.0.0', '--port', '0').ended
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toBe(
    'midsentence: 0.0.0.0 can be reached from other machines, and anyone there could join. Give a password (--password-file FILE) or hooks (--policy FILE), or allow it with --open-to-all.\n',
  )
})

test('serve reads settings and rooms from a file, and logs lines of JSON', async () => {
  const { settings } = files({
    settings: JSON.stringify({ 'log-level': 'info', rooms: { lobby: { history: true }, '*': { open: false } } }),
  })
  const { url, process } = await serving('--config', settings!)
  expect((await rpc(url, 'join', { username: 'Ada', room: 'other' })).error.code).toBe(40012)
  const { result } = await rpc(url, 'join', { username: 'Ada' })
  process.kill('SIGTERM')
  const { code, stderr } = await process.ended
  const lines = stderr
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
    ['info', 'listening'],
    ['info', 'joined'],
    ['info', 'closed'],
  ])
  expect(lines[1]).toEqual({
    level: 'info',
    time: expect.any(String),
    session: result.session_id,
    room: 'lobby',
    msg: 'joined',
  })
  expect([code, stderr.includes(result.token)]).toEqual([0, false])
})

test('SIGTERM drains: /readyz answers 503, calls still work, streams end after a whole event, exit code 0', async () => {
  const { url, process } = await serving('--drain', '1')
  const { token } = (await rpc(url, 'join', { username: 'Ada' })).result
  const stream = await fetch(`${url}/rooms/lobby/events`, { headers: { authorization: `Bearer ${token}` } })
  const heard = stream.text()
  const checking = rpc(url, 'check', { timeout_ms: 60_000 }, token)
  await rpc(url, 'append', { text: 'sent while it drains' }, token)
  process.kill('SIGTERM')
  for (;;) if ((await fetch(`${url}/readyz`)).status === 503) break
  expect((await rpc(url, 'push', {}, token)).result).toMatchObject({ status: 1, seq: 1 })
  expect((await process.ended).code).toBe(0)
  expect((await checking).result).toMatchObject({ status: 0 })
  expect(await heard).toMatch(/"content":"sent while it drains"[\s\S]*\n\n$/)
})

test('serve --demo plays on a server with a password too', async () => {
  const { password } = files({ password: 'sesame\n' })
  const { process } = await serving('--demo', '--speed', '1000', '--password-file', password!)
  await process.says('Claude  is sent')
  await process.says('What happens in the room demo')
  process.kill('SIGINT')
  expect(await process.ended).toMatchObject({ code: 0 })
})

test('serve refuses a short admin token with a sentence', async () => {
  const { token } = files({ token: 'short' })
  const { code, stderr } = await midsentence('serve', '--memory', '--port', '0', '--admin-token-file', token!).ended
  expect([code, stderr]).toEqual([
    2,
    'midsentence: --admin-token-file needs a token of at least 16 random characters: ASCII without spaces.\nRead more with: midsentence serve --help\n',
  ])
})
