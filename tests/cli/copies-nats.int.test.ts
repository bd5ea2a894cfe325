import { join } from 'node:path'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { skipsNats, startNats } from '@midsentence/testing/nats/nats-servers'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence, serving } from '../midsentence.ts'

const rpcAt =
  (url: string, token = '') =>
  async (method: string, params = {}) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const { result } = await (await fetch(`${url}/rpc`, { method: 'POST', headers, body })).json()
    return result
  }

test.skipIf(skipsNats)('[G12] rooms, sessions and drafts move from a directory to NATS and back', async () => {
  const folder = freshFolder(onTestFinished)
  const nats = await startNats()
  onTestFinished(() => nats.close())
  const [from, file, to] = ['from', 'export.ndjson', 'to'].map(name => join(folder, name)) as [string, string, string]
  const at = ['--nats', nats.urls.join(',')]
  const one = await serving('--data', from)
  const secret = 'a secret of Ada, long enough'
  const { token } = await rpcAt(one.url)('join', { username: 'Ada', secret })
  await rpcAt(one.url, token)('append', { text: 'said. ' })
  await rpcAt(one.url, token)('push')
  await rpcAt(one.url, token)('append', { text: 'half a' })
  one.process.kill('SIGTERM')
  await one.process.ended

  expect(await midsentence('export', '--data', from, '--to', file).ended).toMatchObject({ code: 0, stderr: '' })
  const missing = await midsentence('verify', ...at).ended
  expect([missing.code, missing.stderr]).toEqual([
    1,
    'midsentence: NATS has no rooms of midsentence under the prefix midsentence.\n',
  ])
  expect((await midsentence('import', file, ...at).ended).stdout).toMatch(/^Imported into NATS: \d+ lines\.\n$/)
  expect(await midsentence('import', file, ...at).ended).toMatchObject({ code: 1 })

  const two = await serving(...at)
  const returned = await rpcAt(two.url)('join', { username: 'Ada', secret })
  const call = rpcAt(two.url, returned.token)
  expect(await call('preview')).toMatchObject({ draft: 'half a' })
  await call('append', { text: ' sentence' })
  expect(await call('push')).toMatchObject({ status: 1, seq: 2 })
  two.process.kill('SIGTERM')
  await two.process.ended

  const verified = await midsentence('verify', ...at).ended
  expect([verified.stderr, verified.stdout]).toEqual([
    '',
    'All records are intact: 2 messages in 1 room and 1 session.\n',
  ])
  expect(await midsentence('export', ...at, '--to', `${file}.2`).ended).toMatchObject({ code: 0 })
  expect(await midsentence('import', `${file}.2`, '--data', to).ended).toMatchObject({ code: 0, stderr: '' })
  const back = await midsentence('verify', '--data', to).ended
  expect(back.stdout).toBe('All records are intact: 2 messages in 1 room and 1 session.\n')
  const both = await midsentence('verify', '--data', to, ...at).ended
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('--data and --nats name two places')])
})
