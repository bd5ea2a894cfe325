import { join, virtualClock } from '@midsentence/core'
import { fakeSseServer } from '@midsentence/testing/sse/fake-sse-server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { sseTransport } from './index.ts'

const joined = async () => {
  const server = await fakeSseServer()
  const clock = virtualClock()
  const ada = await join({ transport: sseTransport({ url: server.url, clock }), username: 'Ada', clock })
  onTestFinished(() => ada.close())
  return { server, clock, ada }
}

test.each(['lose-answer', 'drop'] as const)(
  '[N4] a push whose publish fails with "%s" is repeated and sent once',
  async fault => {
    const { server, clock, ada } = await joined()
    server.failNext('publish', fault, fault)
    await ada.append('hello')
    const push = ada.push()
    await vi.waitFor(async () => {
      await clock.advance(1000)
      expect(server.count('publish')).toBe(3)
    })
    expect(await push).toMatchObject({ status: 1, seq: 1 })
    expect(server.count('publish')).toBe(3)
    expect(server.room.messages).toMatchObject([{ sender_id: 'Ada', content: 'hello' }])
  },
)

test('[A6] after a restart with another log, the next answer says rejoined and new messages are delivered once', async () => {
  const { server, clock, ada } = await joined()
  server.say('Bob', 'old')
  expect(await ada.check()).toMatchObject({ messages: [{ content: 'old' }] })
  await ada.append('mid')
  server.restart('log 2')
  server.room.add('Bob', 'not for Ada', 0)
  await vi.waitFor(async () => {
    await clock.advance(1000)
    expect([ada.view.link.state, ada.state.session?.log]).toEqual(['up', 'log 2'])
  })
  expect(await ada.append('sentence')).toMatchObject({ messages: [], rejoined: 'room' })
  expect(await ada.push()).toMatchObject({ status: 1, seq: 2 })
  server.say('Bob', 'new')
  expect(await ada.check()).toMatchObject({ messages: [{ content: 'new' }] })
  expect(server.room.messages[1]).toMatchObject({ content: 'midsentence', base: 1 })
})
