import { createServer, type RequestListener, request } from 'node:http'
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

/** Starts a server of midsentence below `prefix`. */
async function startServerBelow(prefix: string): Promise<string> {
  const harness = await sseServerHarness()
  onTestFinished(harness.close)
  const { hostname, port } = new URL(harness.url)
  const url = await startWebServer((req, res) => {
    if (!req.url!.startsWith(`${prefix}/`)) return void res.writeHead(404, { 'content-type': 'text/html' }).end('<p>')
    const { method = 'GET', headers } = req
    const far = request({ hostname, port, method, headers, path: req.url!.slice(prefix.length) }, answer => {
      res.writeHead(answer.statusCode!, answer.headers).flushHeaders()
      answer.pipe(res)
    })
    res.on('close', () => far.destroy())
    far.on('error', () => res.destroy())
    req.pipe(far)
  })
  return url + prefix
}

test.each([301, 302, 307, 308])('[N2] a redirect with %d names its target', async status => {
  const url = await startWebServer((req, res) =>
    res.writeHead(status, { location: `https://chat.example/below${req.url}` }).end(),
  )
  const sentence = `The server at ${url} redirects to https://chat.example/below: use that address instead.`
  await expect(connect(`${url}/`, { username: 'Ada' })).rejects.toMatchObject({
    code: 'unavailable',
    message: sentence,
  })
  const followed = connect(url, {
    username: 'Ada',
    fetch: (target, init) => fetch(target, { ...init, redirect: 'manual' }),
  })
  await expect(followed).rejects.toThrow(sentence)
})

test('[N2] at a wrong path the sentence asks for the right one, and blames no server', async () => {
  const url = await startServerBelow('/chat')
  const error = await connect(new URL('/', url), { username: 'Ada' }).catch(error => error)
  expect(error).toMatchObject({ code: 'unavailable' })
  expect(error.message).toMatch(
    /^Neither a midsentence server nor the Python chat server answers at http:[^ ]+ \(it answered 404\)\. Is the server mounted under another path\? /,
  )
  const several = connect([new URL('/', url), new URL('/no', url)], { username: 'Ada' })
  await expect(several).rejects.toThrow(/it answered 404\. Is it mounted under another path\?/)
})

test('[N2] the sentence of a server that refuses is passed on', async () => {
  const url = await startWebServer((_, res) =>
    res.writeHead(403, { 'content-type': 'application/json' }).end('{"error":"This server does not go by that name."}'),
  )
  await expect(connect(url, { username: 'Ada' })).rejects.toThrow(
    `The server at ${url} refuses: This server does not go by that name.`,
  )
})

test.each(['', '/'])('a server below a path is reached by its address, also with %j at the end', async end => {
  const url = await startServerBelow('/chat')
  const [ada, ben] = await Promise.all(['Ada', 'Ben'].map(username => connect(url + end, { username })))
  await ada!.append('hello')
  expect(await ada!.push()).toMatchObject({ status: 1 })
  expect((await ben!.check()).messages).toMatchObject([{ content: 'hello' }])
  await Promise.all([ada!.close(), ben!.close()])
})
