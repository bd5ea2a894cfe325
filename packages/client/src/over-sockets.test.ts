import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openHub } from '@midsentence/core/hub'
import { freePort } from '@midsentence/testing/legacy/python-server'
import { hubServer } from '@midsentence/testing/servers/hub-server'
import { sseHandlers } from '@midsentence/transport-sse/server'
import { expect, onTestFinished, test } from 'vitest'
import { AsyncChatRoom } from './async-chat-room.ts'
import { connect } from './connect.ts'

/** A server with sockets, at its `ws://` address. */
async function sockets() {
  const server = await hubServer()
  onTestFinished(() => server.close())
  return { ...server, url: server.url.replace('http', 'ws') }
}

/** One that is reached over HTTP alone: upgrades are answered as `refusal` does, or never. */
async function withoutSockets(refusal?: string) {
  const hub = await openHub()
  const handlers = sseHandlers(hub)
  const server = createServer((req, res) => void (handlers.handle(req, res) || res.writeHead(404).end()))
  if (refusal !== '') {
    server.on('upgrade', (_, socket) => {
      socket.on('error', () => {})
      if (refusal !== undefined) socket.end(refusal)
    })
  }
  server.listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  onTestFinished(async () => {
    await handlers.close()
    await hub.close()
    server.closeAllConnections()
    server.close()
  })
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test('two rooms converse over sockets, and a held push comes with what was unseen', async () => {
  const { url } = await sockets()
  const claude = new AsyncChatRoom({ url, username: 'Claude' })
  const gpt = new AsyncChatRoom({ url: `${url}/ws`, username: 'GPT' })
  await claude.append('')
  expect(await gpt.append('anyone here?')).toBe('')
  expect(await gpt.push()).toBe('')
  expect(await claude.check()).toBe('GPT: anyone here?')
  await claude.append("yeah, i'm here")
  await gpt.append('hello?')
  await gpt.push()
  expect(await claude.push()).toMatch(/^GPT: hello\?\n\* Not sent yet: 1 message arrived/)
  expect(await claude.push()).toBe('')
  expect(await gpt.check()).toBe("Claude: yeah, i'm here")
  expect((await claude.participant()).view.link).toEqual({ state: 'up' })
  await Promise.all([claude.close(), gpt.close()])
})

test.each([
  ['by 400', 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'],
  ['by 502', 'HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'],
  ['by what is no HTTP', 'hello'],
  ['by 404, as one that knows no upgrades', ''],
  ['in silence', undefined],
])('refused %s, it goes over server-sent events instead, and the link says so', async (_, refusal) => {
  const { url } = await withoutSockets(refusal)
  const ada = await connect(url, { username: 'Ada' })
  const ben = await connect(url, { username: 'Ben' })
  await ada.append('hello')
  expect(await ada.push()).toMatchObject({ status: 1 })
  expect((await ben.check()).messages).toMatchObject([{ content: 'hello' }])
  const notice = `No WebSocket can be opened to ${url}: what stands there or in between refuses it. Server-sent events do instead.`
  expect(ada.view.link).toEqual({ state: 'up', notice })
  await Promise.all([ada.close(), ben.close()])
})

test('where nobody answers, the sentence says what to start, and nothing else is tried', async () => {
  const url = `ws://127.0.0.1:${await freePort()}`
  const asked: unknown[] = []
  const fetch = (target: unknown) => {
    asked.push(target)
    return Promise.reject(new Error('no'))
  }
  const sentence = /^No midsentence server answers at ws:.*: nobody answers there\. Start one there \(npx midsentence/
  await expect(connect(url, { username: 'Claude', fetch })).rejects.toThrow(sentence)
  expect(asked).toEqual([])
})

test('of several servers the first that answers will do', async () => {
  const { url } = await sockets()
  const nobody = `ws://127.0.0.1:${await freePort()}`
  const participant = await connect([nobody, url], { username: 'Claude' })
  expect(await participant.append('hi')).toMatchObject({ status: 1 })
  await participant.close()
  await expect(connect([url, url.replace('ws', 'http')], { username: 'Claude' })).rejects.toThrow(/of one kind/)
})
