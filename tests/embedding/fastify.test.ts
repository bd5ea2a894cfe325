import { sseHandlers } from '@midsentence/transport-sse/server'
import Fastify, { type FastifyInstance } from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { expectConversation, post, testHub } from './serve-app.ts'

const who = { jsonrpc: '2.0', id: 1, method: 'who' }

/** Listens until its test ends. Resolves with the address. */
async function listen(app: FastifyInstance): Promise<string> {
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  onTestFinished(async () => {
    app.server.closeAllConnections()
    await app.close()
  })
  return url
}

const handlers = async () => {
  const faults: string[] = []
  const chat = sseHandlers(await testHub(), { prefix: '/chat', fault: (_, what) => void faults.push(what) })
  onTestFinished(() => chat.close())
  return { chat, faults }
}

test('[W5] rooms work in an onRequest hook, and other routes stay', async () => {
  const { chat } = await handlers()
  const app = Fastify()
  app.addHook('onRequest', (request, reply, done) => {
    if (chat.handle(request.raw, reply.raw, done)) reply.hijack()
  })
  app.get('/', () => 'mine')
  app.post('/rpc', ({ body }) => ({ body }))
  const url = await listen(app)
  await expectConversation(`${url}/chat`)
  expect(await (await fetch(url)).text()).toBe('mine')
  expect((await post(`${url}/rpc`, who)).body).toEqual({ body: who })
  expect((await fetch(`${url}/chat/nowhere`)).status).toBe(404)
})

test('[W5] rooms work in a hijacked route that hands over the parsed body', async () => {
  const { chat } = await handlers()
  const app = Fastify()
  app.all('/chat/*', (request, reply) => {
    reply.hijack()
    Object.assign(request.raw, { body: request.body })
    chat.handle(request.raw, reply.raw)
  })
  await expectConversation(`${await listen(app)}/chat`)
})

test('[W5] rooms work in a hijacked route whose content-type parser leaves the body', async () => {
  const { chat } = await handlers()
  const app = Fastify()
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  app.all('/chat/*', (request, reply) => {
    reply.hijack()
    chat.handle(request.raw, reply.raw)
  })
  await expectConversation(`${await listen(app)}/chat`)
})

test('[W5] a hijacked route without the body is answered at once and reported', async () => {
  const { chat, faults } = await handlers()
  const app = Fastify()
  app.all('/chat/*', (request, reply) => {
    reply.hijack()
    chat.handle(request.raw, reply.raw)
  })
  const answer = await post(`${await listen(app)}/chat/rpc`, who)
  expect(answer).toEqual({ status: 500, body: { error: expect.stringContaining('before any body parser') } })
  expect(faults).toEqual(['rpc'])
})
