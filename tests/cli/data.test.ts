import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence, serving } from '../midsentence.ts'
import { calling, ended, joined } from './session-calls.ts'

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
