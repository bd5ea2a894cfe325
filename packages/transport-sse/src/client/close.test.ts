import { virtualClock } from '@midsentence/core'
import { fakeSseServer } from '@midsentence/testing/sse/fake-sse-server'
import { sseTestClient } from '@midsentence/testing/sse/sse-client'
import { expect, test, vi } from 'vitest'

test('the name is free, the streams complete, nothing follows', async () => {
  const server = await fakeSseServer()
  const line = sseTestClient(server.url)
  await line.open()
  let completed = 0
  line.transport.inbound$.subscribe({ complete: () => completed++ })
  line.transport.link$.subscribe({ complete: () => completed++ })
  const closing = line.transport.close()
  expect(line.transport.close()).toBe(closing)
  await closing
  expect(completed).toBe(2)
  expect(server.room.names).toEqual([])
  await vi.waitFor(() => expect(server.streams).toBe(0))
  line.transport.resume(0)
  line.transport.yield()
  await expect(line.open()).rejects.toMatchObject({ code: 'session-unknown' })
  expect(server.requests.at(-1)).toBe('leave {}')
})

test('before open', async () => {
  const server = await fakeSseServer()
  const line = sseTestClient(server.url)
  await line.transport.close()
  await expect(line.open()).rejects.toMatchObject({ code: 'session-unknown' })
  expect(server.requests).toEqual([])
})

test('while it joins: it leaves again', async () => {
  const server = await fakeSseServer()
  const line = sseTestClient(server.url)
  const opening = line.open().catch(error => error)
  await line.transport.close()
  expect(await opening).toMatchObject({ code: 'session-unknown' })
  expect(server.count('join')).toBe(1)
  expect(server.room.names).toEqual([])
})

test('while the stream opens: it leaves again', async () => {
  const server = await fakeSseServer()
  server.failAlways('events', 'hang')
  const line = sseTestClient(server.url)
  const opening = line.open().catch(error => error)
  await vi.waitFor(() => expect(server.count('events')).toBe(1))
  await line.transport.close()
  expect(await opening).toMatchObject({ code: 'session-unknown' })
  expect(server.room.names).toEqual([])
})

test('while a join fails: nothing more is tried', async () => {
  const server = await fakeSseServer()
  server.failAlways('join', 'drop')
  const line = sseTestClient(server.url)
  const opening = line.open().catch(error => error)
  await line.transport.close()
  expect(await opening).toMatchObject({ code: 'session-unknown' })
  expect(server.count('join')).toBe(1)
})

test('while a publish is under way: it ends', async () => {
  const server = await fakeSseServer()
  server.failNext('publish', 'hang')
  const line = sseTestClient(server.url)
  await line.open()
  const publish = line.publish('hello').catch(error => error)
  await vi.waitFor(() => expect(server.count('publish')).toBe(1))
  const closing = line.transport.close()
  expect(await publish).toMatchObject({ code: 'session-unknown' })
  await closing
})

test('while it joins again: it leaves that, too', async () => {
  const server = await fakeSseServer()
  const line = sseTestClient(server.url)
  await line.open()
  server.restart('log 2')
  const act = server.room.handle.bind(server.room)
  const closing = new Promise<void>(resolve => {
    server.room.handle = (method, params, token) => {
      if (method === 'join') resolve(line.transport.close())
      return act(method, params, token)
    }
  })
  await closing
  expect(server.room.names).toEqual([])
  expect(server.count('leave')).toBe(1)
  expect(line.inbound).toEqual([])
})

test('while it waits for the next attempt: no timer and no attempt is left', async () => {
  const server = await fakeSseServer()
  const clock = virtualClock()
  const line = sseTestClient(server.url, { clock })
  await line.open()
  server.failAlways('events', { status: 500 })
  server.breakStreams()
  await vi.waitFor(() => expect(line.links.at(-1)).toMatchObject({ state: 'down' }))
  await line.transport.close()
  expect(clock.pending).toBe(0)
})

test('a server that does not answer is waited for two seconds', async () => {
  const server = await fakeSseServer()
  const clock = virtualClock()
  const line = sseTestClient(server.url, { clock })
  await line.open()
  server.failAlways('leave', 'hang')
  const closing = line.transport.close()
  await vi.waitFor(() => expect(server.count('leave')).toBe(1))
  await clock.advance(2000)
  await closing
})
