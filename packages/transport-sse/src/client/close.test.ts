import { virtualClock } from '@midsentence/core'
import { fakeSseServer } from '@midsentence/testing/sse/fake-sse-server'
import { sseTestClient } from '@midsentence/testing/sse/sse-client'
import { expect, test, vi } from 'vitest'

test('close frees the name and completes the streams, and nothing follows', async () => {
  const server = await fakeSseServer()
  const client = sseTestClient(server.url)
  await client.open()
  let completed = 0
  client.transport.inbound$.subscribe({ complete: () => completed++ })
  client.transport.link$.subscribe({ complete: () => completed++ })
  const closing = client.transport.close()
  expect(client.transport.close()).toBe(closing)
  await closing
  expect(completed).toBe(2)
  expect(server.room.names).toEqual([])
  await vi.waitFor(() => expect(server.streams).toBe(0))
  client.transport.resume(0)
  client.transport.yield()
  await expect(client.open()).rejects.toMatchObject({ code: 'session-unknown' })
  expect(server.requests.at(-1)).toBe('leave {}')
})

test('close before open sends nothing', async () => {
  const server = await fakeSseServer()
  const client = sseTestClient(server.url)
  await client.transport.close()
  await expect(client.open()).rejects.toMatchObject({ code: 'session-unknown' })
  expect(server.requests).toEqual([])
})

test('close during a join leaves again', async () => {
  const server = await fakeSseServer()
  const client = sseTestClient(server.url)
  const opening = client.open().catch(error => error)
  await client.transport.close()
  expect(await opening).toMatchObject({ code: 'session-unknown' })
  expect(server.count('join')).toBe(1)
  expect(server.room.names).toEqual([])
})

test('close while the stream opens leaves again', async () => {
  const server = await fakeSseServer()
  server.failAlways('events', 'hang')
  const client = sseTestClient(server.url)
  const opening = client.open().catch(error => error)
  await vi.waitFor(() => expect(server.count('events')).toBe(1))
  await client.transport.close()
  expect(await opening).toMatchObject({ code: 'session-unknown' })
  expect(server.room.names).toEqual([])
})

test('close during a failing join stops the retries', async () => {
  const server = await fakeSseServer()
  server.failAlways('join', 'drop')
  const client = sseTestClient(server.url)
  const opening = client.open().catch(error => error)
  await client.transport.close()
  expect(await opening).toMatchObject({ code: 'session-unknown' })
  expect(server.count('join')).toBe(1)
})

test('close ends a publish in flight', async () => {
  const server = await fakeSseServer()
  server.failNext('publish', 'hang')
  const client = sseTestClient(server.url)
  await client.open()
  const publish = client.publish('hello').catch(error => error)
  await vi.waitFor(() => expect(server.count('publish')).toBe(1))
  const closing = client.transport.close()
  expect(await publish).toMatchObject({ code: 'session-unknown' })
  await closing
})

test('close during a rejoin leaves the new session too', async () => {
  const server = await fakeSseServer()
  const client = sseTestClient(server.url)
  await client.open()
  server.restart('log 2')
  const act = server.room.handle.bind(server.room)
  const closing = new Promise<void>(resolve => {
    server.room.handle = (method, params, token) => {
      if (method === 'join') resolve(client.transport.close())
      return act(method, params, token)
    }
  })
  await closing
  expect(server.room.names).toEqual([])
  expect(server.count('leave')).toBe(1)
  expect(client.inbound).toEqual([])
})

test('close between two attempts leaves no timer', async () => {
  const server = await fakeSseServer()
  const clock = virtualClock()
  const client = sseTestClient(server.url, { clock })
  await client.open()
  server.failAlways('events', { status: 500 })
  server.breakStreams()
  await vi.waitFor(() => expect(client.links.at(-1)).toMatchObject({ state: 'down' }))
  await client.transport.close()
  expect(clock.pending).toBe(0)
})

test('close waits at most two seconds for the answer to leave', async () => {
  const server = await fakeSseServer()
  const clock = virtualClock()
  const client = sseTestClient(server.url, { clock })
  await client.open()
  server.failAlways('leave', 'hang')
  const closing = client.transport.close()
  await vi.waitFor(() => expect(server.count('leave')).toBe(1))
  await clock.advance(2000)
  await closing
})
