import { MidsentenceError } from '@midsentence/core'
import { expect, test } from 'vitest'
import { recording } from './recording.ts'

const news = { status: 1 as const, messages: [], cursor: 0 }

test('a call is written down with its moments, which never coincide, and its end', async () => {
  const recorder = recording(() => 5)
  const ada = recorder.witness({ session: 's', name: 'Ada', cursor: 0 })
  await ada.call({ action: 'check' }, async () => news)
  await ada.call({ action: 'yield' }, async () => true)
  const refused = new MidsentenceError('no-draft', 'There is nothing to send yet.')
  await expect(ada.call({ action: 'push', key: 'k' }, () => Promise.reject(refused))).rejects.toBe(refused)
  const [check, yielded, push] = recorder.history().witnesses[0]!.calls
  expect(check).toMatchObject({ action: 'check', from: 5, answer: news })
  expect(yielded).toEqual({ action: 'yield', from: expect.any(Number), to: expect.any(Number) })
  expect(push).toMatchObject({ action: 'push', key: 'k', error: { code: 'no-draft', data: {} } })
  const moments = [check!, yielded!, push!].flatMap(({ from, to }) => [from, to!])
  expect(new Set(moments).size).toBe(6)
  expect(moments).toEqual(moments.toSorted((a, b) => a - b))
})

test('an end that is not the protocol’s, and one that has not come, are unknown', async () => {
  const recorder = recording(() => 0)
  const ada = recorder.witness({ session: 's', name: 'Ada', cursor: 0 })
  const aborted = new DOMException('Given up.', 'AbortError')
  await expect(ada.call({ action: 'push' }, () => Promise.reject(aborted))).rejects.toBe(aborted)
  void ada.call({ action: 'check' }, () => new Promise(() => {}))
  const history = recorder.history({ settings: { policy: 'annotate' } })
  expect(history.settings).toEqual({ policy: 'annotate' })
  const [push, check] = history.witnesses[0]!.calls
  expect(push).toEqual({ action: 'push', from: 0, to: expect.any(Number) })
  expect(check).toEqual({ action: 'check', from: expect.any(Number) })
})
