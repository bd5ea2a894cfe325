import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { spawnProcess } from '@midsentence/testing/node-process'
import { expect, onTestFinished, test } from 'vitest'

const built = fileURLToPath(new URL('../../dist/index.js', import.meta.url))
/** Namespaces need root, and a kernel that permits them. */
const isPermitted = spawnSync('unshare', ['--mount', '--pid', '--fork', '--net', 'true']).status === 0

/** Runs `script` in new namespaces, after `prepare` in a shell. It has the exports of the package. */
function inNamespaces(flags: readonly string[], script: string, prepare = 'true') {
  const code = `const { lmdbStore, verifyStore, backupStore } = await import(${JSON.stringify(built)})\n${script}`
  const command = `${prepare} && exec "$0" --input-type=module -e "$1"`
  return spawnProcess('unshare', [...flags, 'sh', '-c', command, process.execPath, code])
}

const opening = (directory: string) => `
  await lmdbStore(${JSON.stringify(directory)}).then(
    store => console.log('opened', store.log.id),
    error => console.log('refused', error.code, error.message),
  )
  setInterval(() => {}, 1000)
`
const newPids = ['--pid', '--fork', '--mount-proc', '--kill-child']

test.skipIf(!isPermitted)('[G9] the lock holds across mount, PID and network namespaces and bind mounts', async () => {
  const folder = freshFolder(onTestFinished)
  const [directory, elsewhere] = [join(folder, 'rooms'), join(folder, 'elsewhere')]
  for (const made of [directory, elsewhere]) mkdirSync(made)
  const bind = `mount --bind ${directory} ${elsewhere}`
  const holder = inNamespaces(newPids, opening(directory))
  const [, id] = await holder.says(/opened (\S+)\n/)
  const attempts: [string, string[], string, string?][] = [
    ['the same namespaces', ['--uts'], directory],
    ['a PID namespace, where it has the same id', newPids, directory],
    ['a network namespace', ['--net'], directory],
    ['a bind mount', ['--mount'], elsewhere, bind],
    ['a bind mount of a container', [...newPids, '--net'], elsewhere, bind],
    ['a container without /proc', ['--mount'], elsewhere, `${bind} && mount -t tmpfs none /proc`],
  ]
  for (const [what, flags, path, prepare] of attempts) {
    const [answer] = await inNamespaces(flags, opening(path), prepare).says(/(opened|refused) .+\n/)
    expect([what, answer]).toEqual([what, expect.stringMatching(/^refused unavailable .* is in use by /)])
  }
  holder.kill('SIGKILL')
  await holder.ended
  const [, again] = await inNamespaces(newPids, opening(elsewhere), bind).says(/opened (\S+)\n/)
  expect(again).toBe(id)
})

test.skipIf(!isPermitted)('a directory that is mounted read-only is refused with a sentence', async () => {
  const directory = join(freshFolder(onTestFinished), 'rooms')
  mkdirSync(directory)
  const readOnly = `mount --bind ${directory} ${directory} && mount -o remount,ro,bind ${directory}`
  const [answer] = await inNamespaces(['--mount'], opening(directory), readOnly).says(/(opened|refused) .+\n/)
  expect(answer).toMatch(/^refused (internal|unavailable) .*rooms\b.*(EROFS|[Rr]ead-only).*\.\n$/)
})

test.skipIf(!isPermitted)(
  'a running directory is copied from another PID namespace, or the sentence says where',
  async () => {
    const folder = freshFolder(onTestFinished)
    const directory = join(folder, 'rooms')
    const holder = inNamespaces(newPids, opening(directory))
    await holder.says(/opened \S+\n/)
    const script = `
    const { problems } = await verifyStore(${JSON.stringify(directory)})
    const copied = await backupStore(${JSON.stringify(directory)}, ${JSON.stringify(join(folder, 'copy'))})
      .catch(error => error.message)
    console.log(JSON.stringify([problems, copied.problems ?? copied]))
    process.exit()
  `
    const answer = async (flags: readonly string[]) => JSON.parse((await inNamespaces(flags, script).ended).stdout)
    // The process id of the server, 1, is that of the reader too.
    expect(await answer(newPids)).toEqual([[], expect.stringMatching(/^\/.* run this command in that container\./)])
    expect(await answer(['--mount'])).toEqual([[], []])
  },
)
