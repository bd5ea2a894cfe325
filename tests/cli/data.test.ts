import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { flip } from '@midsentence/testing/logs/filled-store'
import { spawnProcess } from '@midsentence/testing/node-process'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence, serving } from '../midsentence.ts'

/** Returns a function that calls the server at `url` with `token`. */
const calling =
  (url: string, token = '') =>
  async (method: string, params: object = {}) => {
    const response = await fetch(`${url}/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    const { result, error } = (await response.json()) as { result: Record<string, unknown>; error: unknown }
    return error === undefined ? result : ({ error } as Record<string, unknown>)
  }

async function joined(url: string) {
  const { token } = await calling(url)('join', { username: 'Ada', secret: 'sixteen bytes at least' })
  return { token: String(token), call: calling(url, String(token)) }
}

const ended = async (process: ReturnType<typeof midsentence>, signal: NodeJS.Signals) => {
  process.kill(signal)
  return process.ended
}

test('[G1] serve keeps rooms and drafts in a directory, prints which, and locks it', async () => {
  const data = join(freshFolder(onTestFinished), 'rooms')
  const first = await serving('--data', data)
  await first.process.says(`Rooms and drafts are kept in ${data} and survive any end of the server.\n`)
  const { token, call } = await joined(first.url)
  await call('append', { text: 'said' })
  expect(await call('push')).toMatchObject({ status: 1, seq: 1, durability: 'flushed' })
  await call('append', { text: 'in the middle of ' })

  const second = await midsentence('serve', '--port', '0', '--data', data).ended
  expect(second).toMatchObject({ code: 1, stdout: '' })
  expect(second.stderr).toMatch(
    /^midsentence: .*rooms is in use by process \d+: stop it first, or choose another directory\.\n$/,
  )
  expect(await ended(first.process, 'SIGTERM')).toMatchObject({ code: 0, stderr: '' })

  const third = await serving('--data', data)
  const again = calling(third.url, token)
  expect(await again('resume')).toMatchObject({ suffix: 'in the middle of ', cursor: 1 })
  await again('append', { text: 'a sentence' })
  expect(await again('push')).toMatchObject({ status: 1, seq: 2 })
  expect(await ended(third.process, 'SIGKILL')).toMatchObject({ stderr: '' })
})

test('serve --memory prints that it keeps nothing, and a push has durability memory', async () => {
  const { url, process } = await serving()
  await process.says('Rooms and drafts are kept in memory and are lost when the server ends.\n')
  const { call } = await joined(url)
  await call('append', { text: 'said' })
  expect(await call('push')).toMatchObject({ status: 1, durability: 'memory' })
})

// The test runs seven processes in sequence.
const timeout = 120_000

test('backup, verify and export work while the server runs', { timeout }, async () => {
  const folder = freshFolder(onTestFinished)
  const [data, copy, file, imported] = ['rooms', 'copy', 'file', 'imported'].map(name => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ]
  const { url, process } = await serving('--data', data)
  const { call } = await joined(url)
  await call('append', { text: 'for the record' })
  await call('push')
  const content = '1 message in 1 room and 1 session'
  const [verified, copied, written] = await Promise.all([
    midsentence('verify', '--data', data).ended,
    midsentence('backup', copy, '--data', data).ended,
    midsentence('export', '--data', data, '--to', file).ended,
  ])
  expect(verified).toEqual({ code: 0, stderr: '', stdout: `All records are intact: ${content}.\n` })
  expect(copied).toEqual({ code: 0, stderr: '', stdout: `Copied to ${copy}: ${content}.\n` })
  expect(written).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/^Written to .*file: 7 lines\.\n$/),
  })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  await ended(process, 'SIGKILL')

  const taken = midsentence.typing('import', '-', '--data', imported)
  taken.type(readFileSync(file, 'utf8'))
  taken.endInput()
  expect(await taken.ended).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining(': 7 lines.') })
  const again = await serving('--data', imported)
  expect(await calling(again.url)('join', { username: 'Ada', secret: 'sixteen bytes at least' })).toMatchObject({
    cursor: 1,
  })
  await ended(again.process, 'SIGKILL')

  flip(copy, 'for the record')
  const damaged = await midsentence('verify', '--data', copy).ended
  expect(damaged).toMatchObject({ code: 1, stdout: '' })
  expect(damaged.stderr).toMatch(/^(midsentence: The store is damaged: a row of a .* fails its checksum\.\n){2}$/)
})

test('a data command that fails prints a sentence and changes nothing', async () => {
  const folder = freshFolder(onTestFinished)
  const file = join(folder, 'file')
  writeFileSync(file, 'mine')
  const calls = [
    ['serve', '--data', file],
    ['backup', join(folder, 'copy'), '--data', folder],
    ['import', join(folder, 'nowhere'), '--data', join(folder, 'imported')],
    ['import', file, '--data', join(folder, 'imported')],
  ]
  for (const { code, stdout, stderr } of await Promise.all(calls.map(call => midsentence(...call).ended))) {
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^midsentence: [^\n]+\.\n$/)
  }
  expect(readdirSync(folder)).toEqual(['file'])
})

test.skipIf(process.platform === 'win32')('a server that cannot write exits with a sentence and 1', async () => {
  const data = join(freshFolder(onTestFinished), 'rooms')
  // A file size limit of 4.3 MB acts as a full disk.
  const serve = `trap '' XFSZ; ulimit -f 8400; exec "$0" packages/cli/bin/midsentence.js serve --port 0 --data "$1"`
  const server = spawnProcess('sh', ['-c', serve, process.execPath, data])
  const [, url] = await server.says(/midsentence serves at (\S+)\. Ctrl-C ends it\.\n/)
  const { call } = await joined(url!)
  let sent = 0
  for (;;) {
    const answer = await call('publish', { key: `${sent}`, base: sent, content: 'x'.repeat(20_000) })
    if (answer.status !== 1) {
      expect(answer.error).toMatchObject({ code: 40013, data: { unknown: true } })
      break
    }
    sent++
  }
  const { code, stderr } = await server.ended
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /\nmidsentence: The store could not write \((Input\/output error|File too large)\) and accepts no more writes[^\n]+\n$/,
  )
  expect(sent).toBeGreaterThan(10)
  const { stdout } = await midsentence('verify', '--data', data).ended
  expect(stdout).toMatch(new RegExp(`: (${sent}|${sent + 1}) messages in 1 room and 1 session\\.`))
  expect(existsSync(join(data, 'in-use.sock'))).toBe(false)
})
