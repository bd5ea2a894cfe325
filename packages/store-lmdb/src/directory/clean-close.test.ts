import { chmodSync, cpSync, existsSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { fact, filled } from '@midsentence/testing/logs/filled-store'
import { expect, onTestFinished, test } from 'vitest'
import { lmdbStore } from '../store.ts'
import { isClean } from './clean-close.ts'

/** Makes a store that has been filled and closed. */
async function closedStore(): Promise<string> {
  const directory = freshFolder(onTestFinished)
  const store = await lmdbStore(directory)
  await filled(store)
  await store.close()
  return directory
}

/** Makes all child processes of Node.js end like one that reads damaged pages. */
function breakChildren(): void {
  const { execPath } = process
  const program = join(freshFolder(onTestFinished), 'node')
  writeFileSync(program, '#!/bin/sh\nkill -SEGV $$\n')
  chmodSync(program, 0o755)
  process.execPath = program
  onTestFinished(() => {
    process.execPath = execPath
  })
}

test.skipIf(process.platform === 'win32')(
  '[G11] pages are checked after every end but a clean one, and not in a new directory',
  async () => {
    breakChildren()
    const directory = freshFolder(onTestFinished)
    const first = await lmdbStore(directory, { checkPages: true })
    await filled(first)
    // As it would be left if its process ended here.
    const killed = join(freshFolder(onTestFinished), 'killed')
    cpSync(directory, killed, { recursive: true, filter: path => !path.endsWith('.sock') })
    await first.close()
    const second = await lmdbStore(directory, { checkPages: true })
    await second.close()
    await expect(lmdbStore(killed, { checkPages: true })).rejects.toThrow('has damaged pages')
    // Another program has written to it.
    utimesSync(join(directory, 'data.mdb'), 0, 0)
    await expect(lmdbStore(directory, { checkPages: true })).rejects.toThrow('has damaged pages')
  },
)

test('[G11] the mark of a clean end is removed by the next open', async () => {
  const directory = await closedStore()
  expect(isClean(directory)).toBe(true)
  const store = await lmdbStore(directory)
  expect([isClean(directory), existsSync(join(directory, 'clean-close'))]).toEqual([false, false])
  await store.close()
  expect(isClean(directory)).toBe(true)
})

test('[G11] an open that is refused leaves no mark', async () => {
  const directory = freshFolder(onTestFinished)
  const store = await lmdbStore(directory)
  await expect(lmdbStore(directory)).rejects.toMatchObject({ code: 'unavailable' })
  expect(isClean(directory)).toBe(false)
  await store.close()
  expect(isClean(directory)).toBe(true)
})

test('[G11] a store that could not write has no clean end', async () => {
  const directory = await closedStore()
  const store = await lmdbStore(directory, { maxBytes: 1 })
  await expect(store.journal('Ada').append([fact('a')])).rejects.toMatchObject({ code: 'unavailable' })
  await store.close()
  expect(isClean(directory)).toBe(false)
})

test('[G11] a copy of a store, with its mark, counts as unclean', async () => {
  const directory = await closedStore()
  const copy = join(freshFolder(onTestFinished), 'copy')
  cpSync(directory, copy, { recursive: true, preserveTimestamps: true })
  expect(isClean(copy)).toBe(false)
})
