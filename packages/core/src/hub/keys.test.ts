import { newHub } from '@midsentence/testing/harness/hub-harness'
import { expect, test } from 'vitest'

test('[P4] a repeated key has one effect and gets the first answer again, with its messages', async () => {
  const { join, say } = await newHub()
  const ada = await join('Ada')
  const bo = await join('Bo')
  await say(bo, 'news')
  const first = await ada.append({ text: 'hello', key: 'k1' })
  expect(first.messages).toHaveLength(1)
  await say(bo, 'later')
  expect(await ada.append({ text: 'hello', key: 'k1' })).toEqual(first)
  const held = await ada.push({ key: 'k2' })
  expect(held).toMatchObject({ held: true, messages: [{ content: 'later' }] })
  expect(await ada.push({ key: 'k2', timeout_ms: 5, after: 0 })).toEqual(held)
  const sent = await ada.push({ key: 'k3' })
  expect(await ada.push({ key: 'k3' })).toEqual(sent)
  expect((await bo.check()).messages).toHaveLength(1)
  await expect(ada.push({ key: 'k4' })).rejects.toMatchObject({ code: 'no-draft' })
  await ada.append({ text: 'more' })
  await expect(ada.push({ key: 'k4' })).rejects.toMatchObject({ code: 'no-draft' })
})

test('[R1] a repeated call that is still in progress gets the answer of the first', async () => {
  const { join } = await newHub()
  const ada = await join('Ada')
  await ada.append({ text: 'once' })
  const answers = await Promise.all([ada.push({ key: 'k' }), ada.push({ key: 'k' }), ada.push({ key: 'k' })])
  expect(new Set(answers.map(answer => (answer as { seq?: number }).seq))).toEqual(new Set([1]))
})

test('[R2] a key with another text, method, content or meta is refused', async () => {
  const { join } = await newHub()
  const ada = await join('Ada')
  const refused = { code: 'invalid-params' }
  await ada.append({ text: 'a', key: 'k' })
  await expect(ada.append({ text: 'b', key: 'k' })).rejects.toMatchObject(refused)
  await expect(ada.undo({ key: 'k' })).rejects.toMatchObject(refused)
  await ada.publish({ content: 'c', base: 0, key: 'p', meta: { a: 1, b: [2] } })
  await expect(ada.publish({ content: 'd', base: 0, key: 'p' })).rejects.toMatchObject(refused)
  await expect(ada.publish({ content: 'c', base: 0, key: 'p' })).rejects.toMatchObject(refused)
  expect(await ada.publish({ content: 'c', base: 1, key: 'p', meta: { b: [2], a: 1 }, timeout_ms: 3 })).toMatchObject({
    seq: 1,
  })
})

test('[R1] the newest 1,000 answers are remembered', async () => {
  const { join } = await newHub()
  const ada = await join('Ada')
  for (let i = 0; i < 1001; i++) await ada.reset({ key: `k${i}` })
  await ada.append({ text: 'x' })
  await ada.reset({ key: 'k1' })
  expect(await ada.preview()).toMatchObject({ draft: 'x' })
  await ada.reset({ key: 'k0' })
  expect(await ada.preview()).toMatchObject({ draft: '' })
})

test('[B2] meta is sent with the message; meta that is too large or too deep is refused, and nothing is sent', async () => {
  const { join } = await newHub()
  const ada = await join('Ada')
  const bo = await join('Bo')
  const deep = ada.publish({ content: 'x', base: 0, key: '1', meta: { a: { b: { c: [{}] } } } })
  await expect(deep).rejects.toMatchObject({ code: 'invalid-params' })
  await expect(ada.publish({ content: 'x', base: 0, key: '2', meta: { a: 'x'.repeat(2048) } })).rejects.toMatchObject({
    code: 'invalid-params',
  })
  await ada.publish({ content: 'x', base: 0, key: '3', meta: { a: { b: { c: [1] } } } })
  expect((await bo.check()).messages).toMatchObject([{ meta: { a: { b: { c: [1] } } } }])
})

test('[P8] a published message is not cut, and an empty one is not sent', async () => {
  const { join } = await newHub()
  const ada = await join('Ada')
  const send = (content: string) => ada.publish({ content, base: 0, key: content.slice(0, 9) })
  await expect(send('x'.repeat(20_001))).rejects.toMatchObject({ code: 'invalid-params' })
  await expect(send('')).rejects.toMatchObject({ code: 'no-draft' })
  expect(await send('y'.repeat(20_000))).toMatchObject({ status: 1 })
})
