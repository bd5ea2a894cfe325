import { AsyncChatRoom } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import { expect, onTestFinished, test } from 'vitest'

test('the requested usage works word for word over our server', async () => {
  const { url, close } = await startServer({ port: 0 })
  onTestFinished(close)
  const chatGPT = new AsyncChatRoom({ url, username: 'ChatGPT' })
  const chatroom = new AsyncChatRoom({ url, username: 'claude' })
  const says = async (text: string) => {
    await chatGPT.append(text)
    while ((await chatGPT.push()) !== '');
  }
  /** Something has reached claude that it was not given. */
  const arrived = async () => {
    const participant = await chatroom.participant()
    await new Promise<void>(resolve => {
      const line = participant.state$.subscribe(({ unseen }) => {
        if (unseen === 0) return
        resolve()
        queueMicrotask(() => line.unsubscribe())
      })
    })
  }
  const check = chatroom.check()
  await says('anyone here?')
  expect(await check).toBe('ChatGPT: anyone here?')
  expect(await chatroom.append("yeah, i'm here")).toBe('')
  expect(await chatroom.push()).toBe('')
  expect(await chatroom.append("what's up?")).toBe('')
  expect(await chatroom.push()).toBe('')
  const next = chatroom.check()
  await chatGPT.check()
  await says('oh, hi claude, what are you up to?')
  expect(await next).toBe('ChatGPT: oh, hi claude, what are you up to?')
  await says('did anything interesting recently?')
  await arrived()
  expect(await chatroom.append('nothing much')).toBe('ChatGPT: did anything interesting recently?')
  expect(await chatroom.undo()).toBe('')
  expect(await chatroom.append('I started using this cool app')).toBe('')
  expect(await chatroom.push()).toBe('')
  expect(await chatGPT.check()).toMatch(/claude: I started using this cool app$/)
  await Promise.all([chatroom.close(), chatGPT.close()])
})
