import { expect, test } from 'vitest'
import { virtualClock } from '../memory/virtual-clock.ts'
import { openHub } from './index.ts'

test('two who write at once: one comes first, the other is held, then sent', async () => {
  const clock = virtualClock()
  const hub = await openHub({ clock })
  const ada = await hub.join({ username: 'Ada' })
  const bo = await hub.join({ username: 'Bo' })
  await ada.append({ text: 'hello' })
  await bo.append({ text: 'hi' })
  const [first, second] = await Promise.all([ada.push(), bo.push()])
  expect(first).toMatchObject({ status: 1, seq: 1, cursor: 1, messages: [], durability: 'memory' })
  expect(second).toMatchObject({ status: 0, held: true, suffix: 'hi', segments: 1, cursor: 1 })
  expect(second.messages).toMatchObject([{ sender_id: 'Ada', content: 'hello', seq: 1, base: 0 }])
  expect(await bo.push()).toMatchObject({ status: 1, seq: 2 })
  const check = ada.check()
  expect(await check).toMatchObject({ status: 1, messages: [{ content: 'hi' }], cursor: 2 })
  const later = ada.check()
  await bo.append({ text: 'more' })
  await bo.push()
  expect(await later).toMatchObject({ status: 1, messages: [{ content: 'more' }] })
})
