import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { node } from '@midsentence/testing/node-process'
import { expect, onTestFinished, test } from 'vitest'

const built = fileURLToPath(new URL('../../dist/index.js', import.meta.url))

/** Makes every package with a binary of LMDB unresolvable, as an install without optional dependencies does. */
const withoutBinary = `
  import Module from 'node:module'
  const resolve = Module._resolveFilename
  Module._resolveFilename = function (request, ...rest) {
    if (request.startsWith('@lmdb/')) throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' })
    return resolve.call(this, request, ...rest)
  }
`

test('without the binary of LMDB only opening a store fails, with a sentence', async () => {
  const directory = join(freshFolder(onTestFinished), 'rooms')
  const script = `
    const { lmdbStore } = await import(${JSON.stringify(built)})
    console.log('imported')
    const error = await lmdbStore(${JSON.stringify(directory)}).catch(error => error)
    console.log(JSON.stringify([error.name, error.code, error.message]))
  `
  const preload = `data:text/javascript,${encodeURIComponent(withoutBinary)}`
  const { stdout, stderr, code } = await node(['--import', preload, '--input-type=module', '-e', script], {
    onTestFinished,
  }).ended
  expect([code, stderr]).toEqual([0, ''])
  const [imported, refusal] = stdout.split('\n')
  expect(imported).toBe('imported')
  expect(JSON.parse(refusal!)).toEqual([
    'MidsentenceError',
    'unavailable',
    expect.stringMatching(
      /^Data on disk needs the package lmdb, which cannot be loaded on \w+ \w+ with Node.js v.+: install it/,
    ),
  ])
})
