import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { spawnProcess } from '@midsentence/testing/node-process'
import { expect, onTestFinished, test } from 'vitest'
import { fileJournal } from './file-journal.ts'

const built = fileURLToPath(new URL('../../dist/node/index.js', import.meta.url))
/** Namespaces need root, and a kernel that permits them. */
const isPermitted = spawnSync('unshare', ['--mount', '--pid', '--fork', 'true']).status === 0

/** Opens the journal at `path` in a new PID namespace, as in a container, and prints how that ended. */
function inContainer(path: string, ...flags: string[]) {
  const code = `
    const { fileJournal } = await import(${JSON.stringify(built)})
    await fileJournal(${JSON.stringify(path)}).read().then(
      () => console.log('opened.'),
      error => console.log('refused:', error.message),
    )
    setInterval(() => {}, 1000)
  `
  const pids = ['--pid', '--fork', '--mount-proc', '--kill-child']
  return spawnProcess('unshare', [...pids, ...flags, process.execPath, '--input-type=module', '-e', code])
}

test.skipIf(!isPermitted)('a journal is never taken from a process of another container, alive or not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'draft.journal')
  const holder = inContainer(path)
  await holder.says('opened.')
  // In both containers the process has the id 1.
  const [refusal] = await inContainer(path).says(/refused: .+\n/)
  expect(refusal).toMatch(/in use by process 1 in another container\. End that process, or use another path\.\n$/)
  const journal = fileJournal(path)
  await expect(journal.read()).rejects.toThrow(/in use by process 1 in another container/)
  holder.kill('SIGKILL')
  await holder.ended
  await expect(journal.read()).rejects.toThrow(/End that process, or use another path\.$/)
  rmSync(`${path}.lock`)
  expect(await journal.read()).toEqual([])
  await journal.close()
})
