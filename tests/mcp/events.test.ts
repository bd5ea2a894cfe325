import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { AsyncChatRoom } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import { isLongTier } from '@midsentence/testing/tier'
import type { Client } from '@modelcontextprotocol/client'
import { ReplaySubject } from 'rxjs'
import { Webhook } from 'standardwebhooks'
import { expect, onTestFinished, test } from 'vitest'

import { ask, contentsOf, firstOf, poll, pollUntil, type RoomEvent, stream } from './event-requests.ts'
import { httpEndpoint, httpHost, stateFolder, stdioHost } from './hosts.ts'

async function setUp() {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  const join = async (username: string, room = 'lobby') => {
    const response = await fetch(`${server.url}/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'join',
        params: { username, room, secret: `0123456789abcdef${username}` },
      }),
    })
    return ((await response.json()) as { result: { token: string } }).result.token
  }
  const room = (username: string) => {
    const room = new AsyncChatRoom({ url: server.url, username })
    onTestFinished(() => room.close())
    return room
  }
  const say = async (who: AsyncChatRoom, content: string) => {
    await who.append(content)
    await who.push()
    await who.check({ timeout_ms: 0 })
  }
  return { url: server.url, join, room, say }
}

for (const generation of ['2025-11-25', '2026-07-28'] as const) {
  test(`[${generation}] a host over stdio polls the messages of others, which stay unread until a tool shows them`, async () => {
    const { url, room, say } = await setUp()
    const { client, read } = await stdioHost(generation, [url, '--name', 'Claude'], await stateFolder())
    const capabilities = (client as Client).getServerCapabilities() as Record<string, Record<string, unknown>>
    expect(capabilities.extensions).toMatchObject({ 'io.modelcontextprotocol/events': {} })
    const { events } = (await ask(client, 'events/list')) as unknown as {
      events: { name: string; delivery: string[] }[]
    }
    expect(events.map(({ name, delivery }) => [name, delivery])).toEqual([['message', ['push', 'poll']]])
    const ada = room('Ada')
    await read('append', { text: 'mine' })
    const first = await poll(client, { cursor: null })
    expect(first).toMatchObject({ events: [], truncated: false, hasMore: false })
    await say(ada, 'hello')
    await say(ada, 'Claude, are you there?')
    const all = await pollUntil(client, { cursor: first.cursor, maxEvents: 1 })
    expect(contentsOf(all)).toEqual(['hello'])
    const next = await pollUntil(client, { cursor: all.cursor })
    expect(contentsOf(next)).toEqual(['Claude, are you there?'])
    const named = await pollUntil(client, { cursor: first.cursor, arguments: { only_mentions: true } })
    expect(contentsOf(named)).toEqual(['Claude, are you there?'])
    // The push is held: no tool has shown the messages.
    expect(await read('push')).toContain('Ada: hello')
    expect(await poll(client, { cursor: next.cursor })).toMatchObject({ events: [] })
  })

  const newest = generation === '2026-07-28'
  test.each(isLongTier ? ['HTTP', 'stdio'] : [newest ? 'HTTP' : 'stdio'])(
    `[${generation}] a host over %s streams messages, from a cursor on, until it cancels`,
    async kind => {
      const { url, join, room, say } = await setUp()
      const { client, read } =
        kind === 'HTTP'
          ? await httpHost(generation, await httpEndpoint(url), await join('GPT'))
          : await stdioHost(generation, [url, '--name', 'GPT'], await stateFolder())
      await read('who')
      const ada = room('Ada')
      await ada.append('')
      await say(ada, 'before')
      const { cursor } = await poll(client, { cursor: null })
      expect(contentsOf(await pollUntil(client, { cursor }))).toEqual(['before'])
      const { notices, ended, stop } = stream(client, { cursor, arguments: { room: 'lobby' } })
      await say(ada, 'after')
      const seen = await firstOf(notices, 3)
      expect(seen.map(({ type }) => type)).toEqual(['active', 'event', 'event'])
      expect(seen.slice(1).map(({ data }) => (data as RoomEvent['data']).content)).toEqual(['before', 'after'])
      const ids = seen.map(({ _meta }) => (_meta as Record<string, unknown>)['io.modelcontextprotocol/subscriptionId'])
      expect(new Set(ids).size).toBe(1)
      stop()
      await expect(ended).rejects.toThrow()
      let count = 0
      notices.subscribe(() => count++)
      await say(ada, 'too late')
      expect(contentsOf(await pollUntil(client, { cursor: String(seen[2]!.cursor) }))).toEqual(['too late'])
      expect(count).toBe(3)
    },
  )
}

test('wrong names, arguments, cursors and rooms are refused with the codes of the extension', async () => {
  const { url, join } = await setUp()
  const { client } = await httpHost('2026-07-28', await httpEndpoint(url), await join('GPT'))
  const codeOf = (method: string, params: Record<string, unknown>) =>
    ask(client, method, params).then(
      () => 'answered',
      (error: { code: number }) => error.code,
    )
  expect(await codeOf('events/poll', { name: 'file' })).toBe(-32023)
  expect(await codeOf('events/poll', { name: 'message', arguments: { only_friends: true } })).toBe(-32602)
  expect(await codeOf('events/poll', { name: 'message', cursor: 'x' })).toBe(-32602)
  expect(await codeOf('events/poll', { name: 'message', maxEvents: 0 })).toBe(-32602)
  expect(await codeOf('events/poll', { name: 'message', arguments: { room: 'elsewhere' } })).toBe(-32024)
  const delivery = { mode: 'webhook', url: 'https://hooks.example/x', secret: 'short' }
  expect(await codeOf('events/subscribe', { name: 'message', delivery })).toBe(-32602)
  expect(await codeOf('events/unsubscribe', { name: 'message', delivery })).toBe(-32023)
})

test('[W5] of one participant 10 event streams are open, and an eleventh is refused until one ends', async () => {
  const { url, join } = await setUp()
  const { client } = await httpHost('2026-07-28', await httpEndpoint(url), await join('GPT'))
  const streams = Array.from({ length: 10 }, () => stream(client))
  // The newest one receives the notifications of all.
  const { notices } = streams.at(-1)!
  await firstOf(notices, 10)
  await expect(stream(client).ended).rejects.toMatchObject({ code: -32025, data: { limit: 'streams', max: 10 } })
  streams[0]!.stop()
  // The server notices the abort a little later.
  const isOpen = () => {
    const { notices, ended } = stream(client)
    return Promise.race([firstOf(notices, 1).then(() => true), ended.then(Boolean, () => false)])
  }
  await expect.poll(isOpen).toBe(true)
})

/** A webhook receiver on loopback that echoes challenges and keeps events. */
async function receiver(secret: string, statusOf: (count: number) => number = () => 200) {
  const seen = new ReplaySubject<{ headers: Record<string, string>; body: RoomEvent & { type?: string } }>()
  let count = 0
  const handle = async (req: IncomingMessage, res: ServerResponse) => {
    const body = await text(req)
    const headers = req.headers as Record<string, string>
    const parsed = new Webhook(secret).verify(body, headers) as RoomEvent & { type?: string; challenge?: string }
    if (parsed.type === 'verification') return res.writeHead(200).end(JSON.stringify({ challenge: parsed.challenge }))
    count++
    res.writeHead(statusOf(count)).end()
    seen.next({ headers, body: parsed })
  }
  const server = createServer((req, res) => void handle(req, res).catch(() => res.writeHead(401).end()))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    seen: () => count,
    until: (deliveries: number) => firstOf(seen, deliveries),
  }
}

const secretOf = (letter: string) => `whsec_${Buffer.from(letter.repeat(32)).toString('base64')}`

test('a webhook gets signed messages after it has echoed a challenge, is refreshed, and ends when unsubscribed', async () => {
  const { url, join, room, say } = await setUp()
  const endpoint = await httpEndpoint(url, ['--loopback-webhooks'])
  const { client } = await httpHost('2026-07-28', endpoint, await join('GPT'))
  const ada = room('Ada')
  await ada.append('')
  const secret = secretOf('a')
  const hook = await receiver(secret)
  const params = { name: 'message', arguments: {}, delivery: { mode: 'webhook', url: hook.url, secret }, cursor: null }
  const subscription = await ask(client, 'events/subscribe', params)
  expect(subscription).toMatchObject({ id: expect.stringMatching(/^sub_/), truncated: false })
  await say(ada, 'one')
  await say(ada, 'two')
  const [one, two] = await hook.until(2)
  expect([one, two].map(each => each!.body.data.content)).toEqual(['one', 'two'])
  expect(one!.headers['webhook-id']).toBe(one!.body.eventId)
  expect(one!.headers['x-mcp-subscription-id']).toBe(subscription.id)
  const refreshed = await ask(client, 'events/subscribe', params)
  expect(refreshed).toMatchObject({ id: subscription.id, deliveryStatus: { active: true, lastError: null } })
  await ask(client, 'events/unsubscribe', params)
  await expect(ask(client, 'events/unsubscribe', params)).rejects.toMatchObject({ code: -32023 })
})

test('a callback that does not echo, or lies on this machine without the setting, gets no subscription', async () => {
  const { url, join } = await setUp()
  const token = await join('GPT')
  const secret = secretOf('a')
  const hook = await receiver(secretOf('b'))
  const params = { name: 'message', delivery: { mode: 'webhook', url: hook.url, secret } }
  const strict = await httpHost('2026-07-28', await httpEndpoint(url), token)
  await expect(ask(strict.client, 'events/subscribe', params)).rejects.toMatchObject({ code: -32602 })
  const local = await httpHost('2026-07-28', await httpEndpoint(url, ['--loopback-webhooks']), token)
  const refusal = { code: -32027, data: { reason: 'http_4xx' } }
  await expect(ask(local.client, 'events/subscribe', params)).rejects.toMatchObject(refusal)
  expect(hook.seen()).toBe(0)
})
