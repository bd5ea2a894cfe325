import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sseServerHarness } from '@midsentence/testing/harness/sse-harness'
import { fakePythonServer } from '@midsentence/testing/legacy/fake-python-server'
import { freePort } from '@midsentence/testing/legacy/python-server'
import { expect, onTestFinished, test } from 'vitest'
import { AsyncChatRoom } from './async-chat-room.ts'
import { connect } from './connect.ts'

async function startServer(): Promise<string> {
  const { url, close } = await sseServerHarness()
  onTestFinished(close)
  return url
}

async function startWebServer(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise(resolve => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('[N2] a midsentence server is detected: two participants converse, and a held push returns the unseen message', async () => {
  const url = await startServer()
  const claude = new AsyncChatRoom({ url, username: 'Claude' })
  const gpt = new AsyncChatRoom({ url: new URL(url), username: 'GPT' })
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
  await Promise.all([claude.close(), gpt.close()])
})

test('[N2] the existing Python server is detected', async () => {
  const server = await fakePythonServer()
  const participant = await connect(server.url, { username: 'Claude' })
  await participant.append('hi')
  expect(await participant.push()).toMatchObject({ status: 1, durability: 'unknown' })
  await participant.close()
})

test('of several addresses it uses the first that answers', async () => {
  const url = await startServer()
  const unused = `http://127.0.0.1:${await freePort()}`
  const participant = await connect([unused, url], { username: 'Claude' })
  expect(await participant.append('hi')).toMatchObject({ status: 1 })
  await participant.close()
  await expect(connect([], { username: 'Claude' })).rejects.toThrow(TypeError)
})

test('[N2] if no server answers, the error says what to start', async () => {
  const url = `http://127.0.0.1:${await freePort()}`
  const sentence = /^No midsentence server answers at http:.*: nobody answers there\. Start one there \(npx midsentence/
  await expect(connect(url, { username: 'Claude' })).rejects.toThrow(sentence)
  const room = new AsyncChatRoom({ url, username: 'Claude' })
  expect(await room.check()).toMatch(/^\* No midsentence server answers at/)
  await room.close()
})

test('a web server that is no chat server is refused', async () => {
  const url = await startWebServer((_, res) =>
    res.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not here</h1>'),
  )
  await expect(connect(url, { username: 'Claude' })).rejects.toMatchObject({ code: 'unavailable' })
  const broken = await startWebServer((_, res) => res.writeHead(502).end())
  await expect(connect(broken, { username: 'Claude' })).rejects.toMatchObject({ code: 'unavailable' })
})
