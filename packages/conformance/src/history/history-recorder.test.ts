import { MidsentenceError } from '@midsentence/core'
import { expect, test } from 'vitest'
import { historyRecorder } from './history-recorder.ts'

const news = { status: 1 as const, messages: [], cursor: 0 }

test('a call is recorded with its outcome and two times, and no two times are equal', async () => {
  const recorder = historyRecorder(() => 5)
  const ada = recorder.caller({ session: 's', name: 'Ada', cursor: 0 })
  await ada.call({ action: 'check' }, async () => news)
  await ada.call({ action: 'yield' }, async () => true)
  const refused = new MidsentenceError('no-draft', 'There is nothing to send yet.')
  await expect(ada.call({ action: 'push', key: 'k' }, () => Promise.reject(refused))).rejects.toBe(refused)
  const [check, yielded, push] = recorder.history().callers[0]!.calls
  expect(check).toMatchObject({ action: 'check', from: 5, answer: news })
  expect(yielded).toEqual({ action: 'yield', from: expect.any(Number), to: expect.any(Number) })
  expect(push).toMatchObject({ action: 'push', key: 'k', error: { code: 'no-draft', data: {} } })
  const times = [check!, yielded!, push!].flatMap(({ from, to }) => [from, to!])
  expect(new Set(times).size).toBe(6)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
})

test('the outcome of an aborted or unfinished call is unknown', async () => {
  const recorder = historyRecorder(() => 0)
  const ada = recorder.caller({ session: 's', name: 'Ada', cursor: 0 })
  const aborted = new DOMException('Given up.', 'AbortError')
  await expect(ada.call({ action: 'push' }, () => Promise.reject(aborted))).rejects.toBe(aborted)
  void ada.call({ action: 'check' }, () => new Promise(() => {}))
  const history = recorder.history({ settings: { policy: 'annotate' } })
  expect(history.settings).toEqual({ policy: 'annotate' })
  const [push, check] = history.callers[0]!.calls
  expect(push).toEqual({ action: 'push', from: 0, to: expect.any(Number) })
  expect(check).toEqual({ action: 'check', from: expect.any(Number) })
})
