import { memorySessions } from '@midsentence/core'
import { startServer } from '@midsentence/server'
import { retentionLog } from '@midsentence/testing/logs/retention-log'
import { firstValueFrom, takeWhile, toArray } from 'rxjs'
import { expect, onTestFinished, test } from 'vitest'
import { contentsOf, firstOf, httpServerOf, poll, pollUntil, stream } from './event-requests.ts'
import { httpHost, stateFolder, stdioHost } from './hosts.ts'

/** Logs that outlast the server. */
const newLogs = () => {
  const log = retentionLog()
  return { log: { ...log, close: async () => {} }, sessions: { ...memorySessions(), close: async () => {} } }
}

async function serve(logs: ReturnType<typeof newLogs>, port = 0) {
  const server = await startServer({ port, rooms: logs })
  onTestFinished(() => server.close())
  const { join } = server.hub
  const say = async (...contents: string[]) => {
    const ada = await join.call(server.hub, { username: 'Ada', secret: 'sixteen bytes at least' })
    for (const text of contents) {
      await ada.append({ text })
      await ada.push()
    }
  }
  const tokenOf = async (username: string) =>
    (await server.hub.join({ username, secret: '0123456789abcdef0123' })).joinResult.token
  return { server, say, tokenOf, port: Number(new URL(server.url).port) }
}

const hostAt = async (url: string, token: string) =>
  (await httpHost('2026-07-28', await httpServerOf({ url }), token)).client

test('a cursor older than the retention of the server is answered with `truncated`, and with what is kept', async () => {
  const logs = newLogs()
  const before = await serve(logs)
  const token = await before.tokenOf('GPT')
  const { cursor } = await poll(await hostAt(before.server.url, token), { cursor: null })
  await before.say('one', 'two', 'three', 'four')
  await before.server.close()
  logs.log.forget(4)
  const { server } = await serve(logs, before.port)
  // Each is the first request of its endpoint.
  const polled = await pollUntil(await hostAt(server.url, token), { cursor })
  expect(polled).toMatchObject({ truncated: true, cursor: expect.stringMatching(/^4\./) })
  expect(contentsOf(polled)).toEqual(['four'])
  const { notices } = stream(await hostAt(server.url, token), { cursor })
  const seen = await firstValueFrom(
    notices.pipe(
      takeWhile(({ type }) => type !== 'event', true),
      toArray(),
    ),
  )
  // The gap is known before or after the first answer of the room.
  expect(seen.slice(-2)).toMatchObject([
    { type: 'active', truncated: true, cursor: expect.stringMatching(/^3\./) },
    { type: 'event', data: { content: 'four' } },
  ])
})

test('a cursor of a log that is gone is answered with `truncated`, also where its seq exists again', async () => {
  const before = await serve(newLogs())
  await before.say('old one')
  const stale = await before.tokenOf('GPT')
  const { cursor } = await poll(await hostAt(before.server.url, stale), { cursor: null })
  expect(cursor).toMatch(/^1\./)
  await before.server.close()
  const { server, say, tokenOf, port } = await serve(newLogs(), before.port)
  expect(port).toBe(before.port)
  await expect(poll(await hostAt(server.url, stale), { cursor })).rejects.toMatchObject({ code: -32024 })
  const client = await hostAt(server.url, await tokenOf('GPT'))
  await say('new one', 'new two')
  const polled = await pollUntil(client, { cursor })
  expect(polled).toMatchObject({ truncated: true, hasMore: false })
  expect(contentsOf(polled)).toEqual(['new one', 'new two'])
  expect(await poll(client, { cursor: polled.cursor })).toMatchObject({ events: [], truncated: false })
})

test('over stdio, a stream and polls go on in the new log of a server that lost its rooms', async () => {
  const before = await serve(newLogs())
  const { client, read } = await stdioHost('2025-11-25', [before.server.url, '--name', 'Claude'], await stateFolder())
  await read('who')
  await before.say('old one', 'old two')
  const { cursor } = await pollUntil(client, { cursor: (await poll(client, {})).cursor })
  const { notices } = stream(client, { cursor })
  await firstOf(notices, 1)
  await before.server.close()
  const { say, server } = await serve(newLogs(), before.port)
  await expect.poll(() => server.hub.admin!.load().sessions).toBe(1)
  await say('new one')
  const seen = await firstOf(notices, 3)
  expect(seen).toMatchObject([
    { type: 'active', truncated: false, cursor },
    { type: 'active', truncated: true, cursor: expect.stringMatching(/^0\./) },
    { type: 'event', data: { content: 'new one' } },
  ])
  const polled = await pollUntil(client, { cursor })
  expect(polled).toMatchObject({ truncated: true })
  expect(contentsOf(polled)).toEqual(['new one'])
})
