import { AsyncChatRoom } from '@midsentence/client'
import { join, virtualClock } from '@midsentence/core'
import { mockRoom } from '@midsentence/transport-mock'
import { Client, fromJsonSchema } from '@modelcontextprotocol/client'
import { InMemoryTransport } from '@modelcontextprotocol/server'
import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { localRoomClient } from '../local-room-client.ts'
import { mcpServer } from '../mcp-server.ts'
import { HEARTBEAT_MS, streamEvents } from './event-stream.ts'
import { readFilter } from './message-event.ts'
import { RecentMessages } from './recent-messages.ts'

const message = (seq: number, sender_id: string) => ({
  ...{ seq, sender_id, message_id: `m${seq}`, content: 'Hello.', base: 0 },
  timestamp: '2026-01-01T00:00:00.000Z',
})

const step = fc.oneof(
  fc.record({ pass: fc.integer({ min: 1, max: 60_000 }) }),
  fc.record({ from: fc.constantFrom('Ada', 'Claude') }),
)

test('a stream is never silent for longer than 25 s, and its cursor passes the messages that it does not want', async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 12 }), async steps => {
    const clock = virtualClock()
    const recent = new RecentMessages({ log: 'log', seq: 0 })
    const stop = new AbortController()
    const sent: { readonly at: number; readonly type: string; readonly cursor: unknown }[] = []
    const ended = streamEvents({
      reading: { room: 'lobby', name: 'Claude', cursor: { log: 'log', seq: 0 }, recent, release: () => {} },
      filter: readFilter('message'),
      after: { log: 'log', seq: 0 },
      truncated: false,
      clock,
      signal: stop.signal,
      notify: async (type, { cursor }) => void sent.push({ at: clock.monotonic(), type, cursor }),
    })
    let seq = 0
    for (const each of steps) {
      if ('from' in each) recent.add(message(++seq, each.from))
      else await clock.advance(each.pass)
    }
    await clock.advance(HEARTBEAT_MS)
    const silences = sent.slice(1).map(({ at }, n) => at - sent[n]!.at)
    expect(Math.max(0, ...silences)).toBeLessThanOrEqual(HEARTBEAT_MS)
    expect(sent.at(-1)!.cursor).toBe(`${seq}.log`)
    expect(sent.filter(({ type }) => type === 'event')).toHaveLength(
      steps.filter(each => 'from' in each && each.from === 'Ada').length,
    )
    stop.abort()
    await ended
    expect(recent.waiting).toBe(0)
    const count = sent.length
    await clock.advance(10 * HEARTBEAT_MS)
    expect(sent).toHaveLength(count)
  })
  await fc.assert(property, { numRuns: 200 })
})

/** A host with a stream of the messages of Ada. Events run on `clock`. */
async function setUp() {
  const clock = virtualClock()
  const room = mockRoom()
  const ada = await join({ transport: room.peer(), username: 'Ada' })
  const roomClient = localRoomClient(new AsyncChatRoom({ transport: room.peer(), username: 'Claude' }))
  const client = new Client({ name: 'a-host', version: '1.0.0' })
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  const server = mcpServer(roomClient, '1.0.0', { clock })
  await Promise.all([server.connect(ours), client.connect(theirs)])
  onTestFinished(async () => {
    await client.close()
    await Promise.all([roomClient.close(), ada.close()])
  })
  const sent: string[] = []
  const params = fromJsonSchema<Record<string, unknown>>({ type: 'object' })
  for (const type of ['active', 'event', 'heartbeat', 'terminated'])
    client.setNotificationHandler(`notifications/events/${type}`, { params }, ({ cursor, _meta }) => {
      expect(_meta).toEqual({ 'io.modelcontextprotocol/subscriptionId': expect.any(Number) })
      sent.push(`${type} ${String(cursor).split('.')[0]}`)
    })
  const stop = new AbortController()
  const request = { method: 'events/stream', params: { name: 'message' } }
  const ended = client.request(request, params, { signal: stop.signal, timeout: 2 ** 30 })
  ended.catch(() => {})
  const { recent } = await roomClient.feed.read()
  /** Resolves once the stream waits for messages. */
  const waiting = () => vi.waitFor(() => expect(recent.waiting).toBe(1))
  const say = async (text: string) => {
    await ada.append(text)
    await ada.push()
  }
  return { clock, roomClient, client, recent, sent, stop, ended, waiting, say }
}

test('a quiet stream sends heartbeats with its cursor, and ends with an empty result when the session ends', async () => {
  const { clock, roomClient, sent, ended, waiting, say } = await setUp()
  await waiting()
  await clock.advance(HEARTBEAT_MS)
  await waiting()
  await say('Hello.')
  await vi.waitFor(() => expect(sent).toEqual(['active 0', 'heartbeat 0', 'event 1']))
  await waiting()
  await clock.advance(2 * HEARTBEAT_MS)
  await vi.waitFor(() => expect(sent.slice(3)).toEqual(['heartbeat 1', 'heartbeat 1']))
  await roomClient.close()
  expect(await ended).toMatchObject({ _meta: { 'io.modelcontextprotocol/subscriptionId': expect.any(Number) } })
  expect(sent.at(-1)).toBe('terminated undefined')
})

test.each(['cancels', 'closes the connection'])('a stream ends at once when its host %s', async how => {
  const { clock, client, recent, sent, stop, ended, waiting, say } = await setUp()
  await waiting()
  if (how === 'cancels') stop.abort()
  else await client.close()
  await expect(ended).rejects.toThrow()
  await vi.waitFor(() => expect(recent.waiting).toBe(0))
  await say('Too late.')
  await clock.advance(2 * HEARTBEAT_MS)
  expect(sent).toEqual(['active 0'])
})
