import { chmodSync, copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { filled, opened } from '@midsentence/testing/logs/filled-store'
import { expect, onTestFinished, test } from 'vitest'
import { backupStore } from '../copies/backup.ts'
import { lmdbStore } from '../store.ts'
import { checkPagesOf } from './check-data-file.ts'

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)
const isWindows = process.platform === 'win32'

test.skipIf(isWindows)(
  'only the owner can read a store, also in a directory and files that others could read',
  async () => {
    const directory = freshFolder(onTestFinished)
    await (await lmdbStore(directory)).close()
    chmodSync(directory, 0o755)
    for (const name of ['data.mdb', 'lock.mdb']) chmodSync(join(directory, name), 0o644)
    const store = await opened(directory, onTestFinished)
    expect(modeOf(directory)).toBe('700')
    for (const name of ['data.mdb', 'lock.mdb', 'in-use.sock']) expect(modeOf(join(directory, name))).toBe('600')
    const copy = join(freshFolder(onTestFinished), 'copy')
    await backupStore(store.directory, copy)
    expect([modeOf(copy), modeOf(join(copy, 'data.mdb'))]).toEqual(['700', '600'])
  },
)

test.skipIf(isWindows)('a directory that holds other files keeps its mode; the files of the store do not', async () => {
  const directory = freshFolder(onTestFinished)
  writeFileSync(join(directory, 'mine.txt'), 'mine')
  chmodSync(directory, 0o755)
  await opened(directory, onTestFinished)
  expect([modeOf(directory), modeOf(join(directory, 'data.mdb'))]).toEqual(['755', '600'])
})

test('[G11] pages whose damage would end the process are found by a child process, with a sentence', async () => {
  const whole = freshFolder(onTestFinished)
  const store = await lmdbStore(whole)
  await filled(store)
  await store.close()
  await checkPagesOf(whole)
  const directory = freshFolder(onTestFinished)
  const path = join(directory, 'data.mdb')
  copyFileSync(join(whole, 'data.mdb'), path)
  const content = readFileSync(path)
  // Damages the offsets of entries in all pages but the two meta pages.
  for (let page = 2 * 4096; page < content.length; page += 4096) content.fill(0xf7, page + 24, page + 64)
  writeFileSync(path, content)
  await expect(lmdbStore(directory, { checkPages: true })).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringMatching(/has damaged pages: .*\(SIG\w+\).*midsentence verify.*backup.*midsentence export/),
  })
})
