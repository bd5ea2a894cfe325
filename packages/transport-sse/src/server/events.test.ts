import type { Server } from 'node:http'
import { promisify } from 'node:util'
import { virtualClock } from '@midsentence/core'
import { bodyIn, eventsIn } from '@midsentence/testing/sse/event-parser'
import { type RawClient, serveSse } from '@midsentence/testing/sse/serve-sse'
import { StreamingHub } from '@midsentence/testing/sse/streaming-hub'
import { describe, expect, test, vi } from 'vitest'

const read = (client: RawClient) => eventsIn(bodyIn(client.received))
const seqs = (client: RawClient) =>
  read(client)
    .filter(({ event }) => event === 'message')
    .map(({ id }) => Number(id))
const connections = promisify((server: Server, then: (error: Error | null, count: number) => void) =>
  server.getConnections(then),
)
const has = (count: number) => (client: RawClient) => read(client).length >= count

describe('stream contents', () => {
  test('a stream has welcome, presence, then every message, each with an id', async () => {
    const fake = new StreamingHub()
    fake.say('one', 'two', 'three')
    fake.cursor = 1
    fake.present = ['Ada']
    const { stream } = await serveSse(fake.hub)
    const client = await stream().until(has(4))
    fake.changePresence('Eve')
    fake.say('four')
    await client.until(has(6))
    expect(read(client).map(({ event, id }) => `${event} ${id}`)).toEqual([
      'welcome 1',
      'presence 1',
      'message 2',
      'message 3',
      'presence 3',
      'message 4',
    ])
    expect(read(client).map(({ data }) => JSON.parse(data))).toEqual([
      { log: 'log-1', cursor: 1, sender_id: 'Ada' },
      { sender_id: 'Ada', present: true },
      fake.messages[1],
      fake.messages[2],
      { sender_id: 'Eve', present: true },
      fake.messages[3],
    ])
  })

  test('the head forbids caching and buffering; the stream begins with a comment and a retry time', async () => {
    const { stream } = await serveSse(new StreamingHub().hub)
    const { received } = await stream().until(has(1))
    const head = received.slice(0, received.indexOf('\r\n\r\n')).toLowerCase().split('\r\n')
    expect(head).toEqual(
      expect.arrayContaining([
        'content-type: text/event-stream; charset=utf-8',
        'cache-control: no-store, no-transform',
        'x-accel-buffering: no',
        'connection: keep-alive',
      ]),
    )
    expect(bodyIn(received)).toMatch(/^: .*\nretry: \d+\n\n/)
  })

  test('[V4] removed messages are reported as missed and keep the id', async () => {
    const fake = new StreamingHub()
    fake.say('one', 'two', 'three')
    fake.forgotten = 2
    const { stream } = await serveSse(fake.hub)
    const [, missed, third] = read(await stream().until(has(3)))
    expect(missed).toEqual({ event: 'missed', id: '0', data: '{"from":1,"to":2}' })
    expect(third?.id).toBe('3')
  })

  test('the end of a session ends the stream', async () => {
    const fake = new StreamingHub()
    const { stream } = await serveSse(fake.hub)
    const client = await stream().until(has(1))
    fake.end()
    await client.until(({ received }) => received.endsWith('0\r\n\r\n'))
  })

  test('a reader that disconnects is released, also while the hub still subscribes', async () => {
    const fake = new StreamingHub()
    const { server, stream } = await serveSse(fake.hub)
    const client = await stream().until(has(1))
    client.socket.destroy()
    await vi.waitFor(() => expect(fake.readers.size).toBe(0))
    const { asked, release } = fake.hold()
    const other = stream()
    await asked
    other.socket.destroy()
    await vi.waitFor(async () => expect(await connections(server)).toBe(0))
    release()
    await vi.waitFor(() => expect(fake.readers.size).toBe(0))
  })
})

describe('stream start', () => {
  const begun = async (query?: string, headers?: string) => {
    const fake = new StreamingHub()
    fake.say('one', 'two', 'three')
    fake.cursor = 2
    const { stream } = await serveSse(fake.hub)
    return seqs(await stream(query, headers).until(client => seqs(client).at(-1) === 3))
  }
  test.each([
    ['at the cursor of the session', undefined, undefined, [3]],
    ['after the id in the header', undefined, 'last-event-id: 1\r\n', [2, 3]],
    ['after the id in the query, with an empty header', '?after=1', 'Last-Event-ID: \r\n', [2, 3]],
    ['after the id in the query', '?after=1', undefined, [2, 3]],
    ['at the cursor of the session, with nothing in the query', '?after=', undefined, [3]],
    ['at the cursor of the session, with nothing in either', '?after=', 'Last-Event-ID: \r\n', [3]],
    ['after the id in the header, which wins over the query', '?after=2', 'Last-Event-ID: 0\r\n', [1, 2, 3]],
    ['after the id in the header, with an invalid query', '?after=x', 'Last-Event-ID: 0\r\n', [1, 2, 3]],
  ])('[V2] %s', async (_, query, headers, expected) => {
    expect(await begun(query, headers)).toEqual(expected)
  })

  test('two streams of one session both receive everything', async () => {
    const fake = new StreamingHub()
    const { stream } = await serveSse(fake.hub)
    const both = await Promise.all([stream().until(has(1)), stream().until(has(1))])
    fake.say('one')
    fake.say('two', 'three')
    for (const client of both) expect(seqs(await client.until(has(4)))).toEqual([1, 2, 3])
  })
})

describe('rejected streams', () => {
  const refused = async (path: string, init?: RequestInit) => {
    const fake = new StreamingHub()
    fake.shown = 3
    const { url } = await serveSse(fake.hub)
    const response = await fetch(url + path, init)
    const body = (await response.json()) as { error: string }
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(body.error).toMatch(/^[A-Z].*\.$/)
    expect(fake.readers.size).toBe(0)
    return response
  }
  const events = '/rooms/lobby/events'
  const asAda = { headers: { authorization: 'bearer ada' } }

  test.each([
    ['no token', events, {}, 401],
    ['an unknown token', events, { headers: { authorization: 'Bearer eve' } }, 401],
    ['another scheme', events, { headers: { authorization: 'Basic ada' } }, 401],
    ['an empty token', `${events}?token=`, {}, 401],
    ['a token of another room', '/rooms/den/events', asAda, 404],
    ['a room whose name is broken', '/rooms/%ff/events', asAda, 404],
    ['an id that is a word', `${events}?after=x`, asAda, 400],
    ['an id below nothing', `${events}?after=-1`, asAda, 400],
    ['an id between two', `${events}?after=1.5`, asAda, 400],
    ['two ids', `${events}?after=1&after=2`, asAda, 400],
    ['an id beyond counting', `${events}?after=9007199254740993`, asAda, 400],
    ['an id from the future', `${events}?after=4`, asAda, 400],
    ['a bad id in the header', events, { headers: { ...asAda.headers, 'last-event-id': 'x' } }, 400],
    ['POST', events, { ...asAda, method: 'POST', body: 'x' }, 405],
    ['DELETE', events, { ...asAda, method: 'DELETE' }, 405],
  ])('%s', async (_, path, init, status) => {
    const response = await refused(path, init)
    expect(response.status).toBe(status)
    if (status === 401) expect(response.headers.get('www-authenticate')).toBe('Bearer')
    if (status === 405) expect(response.headers.get('allow')).toBe('GET')
  })

  test('HEAD gets 405 without a body', async () => {
    const { url } = await serveSse(new StreamingHub().hub)
    const response = await fetch(url + events, { ...asAda, method: 'HEAD' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET'])
  })

  test('a stream pipelined after another request gets 400', async () => {
    const fake = new StreamingHub()
    const { stream } = await serveSse(fake.hub)
    const client = stream().send('GET /rooms/lobby/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ada\r\n\r\n')
    await client.until(has(1))
    expect([client.statuses, fake.readers.size]).toEqual([[200], 1])
  })

  test('[A1] streams accept a token in the query, and the auth scheme in any case', async () => {
    const { url } = await serveSse(new StreamingHub().hub)
    for (const [query, authorization] of [
      ['?token=ada', ''],
      ['', 'bEaReR   ada'],
    ] as const) {
      const response = await fetch(`${url}${events}${query}`, { headers: { authorization } })
      expect(response.status).toBe(200)
      await response.body?.cancel()
    }
  })

  test('an internal error reaches the log but not the caller', async () => {
    const fake = new StreamingHub()
    fake.gate = () => Promise.reject(new Error('secret'))
    const faults: unknown[] = []
    const { url } = await serveSse(fake.hub, { fault: cause => faults.push(cause) })
    const response = await fetch(url + events, asAda)
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret')
    expect(faults).toEqual([new Error('secret')])
  })
})

describe('shutdown', () => {
  test('close ends streams and answers later requests with 503', async () => {
    const fake = new StreamingHub()
    const { handlers, stream, url } = await serveSse(fake.hub, { clock: virtualClock() })
    const clients = await Promise.all([stream().until(has(1)), stream().until(has(1))])
    await handlers.close()
    await handlers.close()
    for (const client of clients) await client.until(({ received }) => received.endsWith('0\r\n\r\n'))
    expect(fake.readers.size).toBe(0)
    for (const path of ['/rpc', '/rooms/lobby/events']) {
      const response = await fetch(url + path, { method: 'POST', body: '{}' })
      expect(response.status).toBe(503)
      expect(response.headers.get('retry-after')).toBe('1')
    }
  })

  test('close stops a stream that is about to begin', async () => {
    const fake = new StreamingHub()
    const { asked, release } = fake.hold()
    const { handlers, stream } = await serveSse(fake.hub)
    const client = stream()
    await asked
    await handlers.close()
    release()
    await client.until(({ statuses }) => statuses.length === 1)
    expect(client.statuses).toEqual([503])
    expect(fake.readers.size).toBe(0)
  })
})
