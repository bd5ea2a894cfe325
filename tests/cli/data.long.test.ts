import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { flip } from '@midsentence/testing/logs/filled-store'
import { spawnProcess } from '@midsentence/testing/node-process'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence, serving } from '../midsentence.ts'
import { calling, ended, joined } from './session-calls.ts'

test('backup, verify and export work while the server runs', async () => {
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
  taken.type(`\ufeff${readFileSync(file, 'utf8')}`)
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

test.skipIf(process.platform === 'win32')('a server that cannot write exits with a sentence and 1', async () => {
  const data = join(freshFolder(onTestFinished), 'rooms')
  // A file size limit of 4.3 MB acts as a full disk.
  const serve = `trap '' XFSZ; ulimit -f 8400; exec "$0" packages/cli/bin/midsentence.js serve --port 0 --rate 0 --data "$1"`
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
