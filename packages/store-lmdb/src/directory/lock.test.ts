import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { opened } from '@midsentence/testing/logs/filled-store'
import { node } from '@midsentence/testing/node-process'
import { expect, onTestFinished, test } from 'vitest'
import { lmdbStore } from '../store.ts'
import { refuseNetworkFileSystem } from './file-system.ts'
import { lockDirectory } from './lock.ts'

const built = fileURLToPath(new URL('../../dist/index.js', import.meta.url))

interface Surroundings {
  readonly cwd?: string
  readonly TMPDIR?: string
}

/** Starts a process that tries each of these to open a store, and prints its id or why it could not. */
function elsewhere(...attempts: readonly (readonly [directory: string, surroundings?: Surroundings])[]) {
  const script = `
    const { dirname } = await import('node:path')
    const { lmdbStore } = await import(${JSON.stringify(built)})
    for (const [directory, { cwd, TMPDIR = '/tmp' } = {}] of ${JSON.stringify(attempts)}) {
      process.chdir(cwd ?? dirname(directory))
      process.env.TMPDIR = TMPDIR
      await lmdbStore(directory).then(
        store => console.log('opened', store.log.id),
        error => console.log('refused', error.message),
      )
    }
    setInterval(() => {}, 1000)
  `
  return node(['--input-type=module', '-e', script], { onTestFinished })
}

const inUse = { code: 'unavailable', message: expect.stringMatching(/in use by process \d+: stop it first/) }

test('[G9] one process at a time has a directory, until it closes the store or dies', async () => {
  const directory = freshFolder(onTestFinished)
  const other = elsewhere([directory])
  const [, id] = await other.says(/opened (\S+)\n/)
  await expect(lmdbStore(directory)).rejects.toMatchObject(inUse)
  other.kill('SIGKILL')
  await other.ended
  expect(existsSync(join(directory, 'in-use.sock'))).toBe(true)
  // Of two that find the dead socket, one gets the directory.
  const both = await Promise.allSettled([lmdbStore(directory), lmdbStore(directory)])
  const stores = both.flatMap(outcome => (outcome.status === 'fulfilled' ? outcome.value : []))
  expect(stores.map(({ log }) => log.id)).toEqual([id])
  await expect(lmdbStore(directory)).rejects.toMatchObject({
    message: expect.stringContaining('in use by this process'),
  })
  await stores[0]!.close()
  expect(readdirSync(directory).sort()).toEqual(['clean-close', 'data.mdb', 'lock.mdb'])
  await (await opened(directory, onTestFinished)).close()
})

const paths: [string, string][] = [['a short path', 'rooms']]
// Elsewhere a path that is too long for a socket is refused.
if (process.platform === 'linux') paths.push(['a long path', join('d'.repeat(120), 'e'.repeat(120), 'rooms')])

test.each(paths)('[G9] the lock of %s holds for other working directories, TMPDIRs and names', async (_what, path) => {
  const folder = freshFolder(onTestFinished)
  const directory = join(folder, path)
  const temporary = join(folder, 'temporary')
  for (const made of [directory, temporary]) mkdirSync(made, { recursive: true })
  symlinkSync(directory, join(folder, 'link'))
  const holder = elsewhere([directory])
  await holder.says(/opened \S+\n/)
  const others = elsewhere(
    [directory, { cwd: folder }],
    [directory, { TMPDIR: temporary }],
    [basename(directory), { cwd: dirname(directory), TMPDIR: temporary }],
    [join(folder, 'link'), { cwd: '/' }],
  )
  const [answers] = await others.says(/((opened|refused) .+\n){4}/)
  expect(answers.trimEnd().split('\n')).toEqual(
    Array(4).fill(expect.stringMatching(/^refused .* is in use by process \d+/)),
  )
  holder.kill('SIGKILL')
  await holder.ended
  await elsewhere([directory, { cwd: '/', TMPDIR: temporary }]).says(/opened \S+\n/)
})

test.skipIf(process.platform === 'win32')('[G9] a stopped process keeps its directory', async () => {
  const directory = freshFolder(onTestFinished)
  const holder = elsewhere([directory])
  await holder.says(/opened \S+\n/)
  holder.kill('SIGSTOP')
  await expect(lmdbStore(directory)).rejects.toMatchObject({
    message: expect.stringContaining('in use by another process'),
  })
  holder.kill('SIGKILL')
  await holder.ended
  await (await opened(directory, onTestFinished)).close()
})

/** Tries to lock a directory whose file system fails with `code`. */
const lockingWith = (code: string) =>
  lockDirectory(freshFolder(onTestFinished), () => {
    throw Object.assign(new Error(`${code}: it failed`), { code })
  })

test.each([
  ['ENOLCK', 'its file system may not support locks or Unix sockets, so choose a directory on a local disk'],
  ['EOPNOTSUPP', 'its file system may not support locks or Unix sockets'],
  ['EPERM', 'its file system may not support locks or Unix sockets'],
  ['EINVAL', 'its file system may not support locks or Unix sockets'],
  ['EROFS', 'its file system is read-only, so choose another directory'],
  ['EACCES', 'check who may write to it'],
  ['ENOSPC', 'free some space'],
  ['EMFILE', 'raise the limit of open files'],
])('a directory that cannot be locked is refused: %s', async (code, advice) => {
  const error = await lockingWith(code).catch(error => error)
  expect(error).toMatchObject({ code: 'unavailable' })
  expect(error.message).toMatch(
    new RegExp(`^/.* cannot be locked \\(${code}\\), so another process could write to it: ${advice}`),
  )
})

test.each([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
])('a directory on a network file system is refused: %i', (type, name) => {
  const refuse = () => refuseNetworkFileSystem('/rooms', () => type)
  if (process.platform === 'linux')
    expect(refuse).toThrow(`/rooms is on a network file system (${name}), where another machine`)
})

test.each([0xef53, 0x01021994, 0x794c7630, 0x9123683e])('a directory on a local file system is accepted: %i', type => {
  expect(() => refuseNetworkFileSystem('/rooms', () => type)).not.toThrow()
})
