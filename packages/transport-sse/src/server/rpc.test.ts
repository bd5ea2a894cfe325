import { post, type SseServing, serveSse } from '@midsentence/testing/sse/serve-sse'
import { StreamingHub } from '@midsentence/testing/sse/streaming-hub'
import { describe, expect, test, vi } from 'vitest'

const who = (id: number | string | undefined) => JSON.stringify({ jsonrpc: '2.0', method: 'who', id })
const check = JSON.stringify({ jsonrpc: '2.0', method: 'check', id: 'c' })
const asAda = { authorization: 'Bearer ada', 'content-type': 'application/json' }
const call = ({ url }: SseServing, body: BodyInit, headers: Record<string, string> = asAda) =>
  fetch(`${url}/rpc`, { method: 'POST', body, headers })
const padded = (length: number) => who(1) + ' '.repeat(length - who(1).length)

describe('answers', () => {
  test.each([
    ['a result', who(1), 200, { jsonrpc: '2.0', id: 1, result: { participants: [] } }],
    ['an error', 'nonsense', 200, { id: null, error: { code: -32700 } }],
    ['a batch', `[${who(1)},${who('two')}]`, 200, [{ id: 1 }, { id: 'two' }]],
    ['invalid UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 200, { jsonrpc: '2.0', id: null, error: { code: -32700 } }],
    ['nothing at all', '', 200, { error: { code: -32700 } }],
  ])('%s', async (_, body, status, expected) => {
    const response = await call(await serveSse(new StreamingHub().hub), body)
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toMatchObject(expected)
  })

  test('[W5] notifications alone get 204', async () => {
    const response = await call(await serveSse(new StreamingHub().hub), `[${who(undefined)},${who(undefined)}]`)
    expect([response.status, await response.text()]).toEqual([204, ''])
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test('[A1] a call without a token, or with one in the query, has no session', async () => {
    const served = await serveSse(new StreamingHub().hub)
    for (const query of ['', '?token=ada']) {
      const response = await fetch(`${served.url}/rpc${query}`, {
        method: 'POST',
        body: who(1),
        headers: { 'content-type': 'application/json' },
      })
      expect(await response.json()).toMatchObject({ id: 1, error: { code: 40010 } })
    }
  })

  test('pipelined requests are answered in order', async () => {
    const { dial } = await serveSse(new StreamingHub().hub)
    const client = dial().send([1, 2, 3, 4].map(id => post(who(id))).join(''))
    await client.until(({ statuses }) => statuses.length === 4)
    expect([...client.received.matchAll(/"id":(\d)/g)].map(([, id]) => id)).toEqual(['1', '2', '3', '4'])
  })

  test('a chunked body that arrives byte by byte is one request', async () => {
    const { dial } = await serveSse(new StreamingHub().hub)
    const client = dial().send(
      'POST /rpc HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ada\r\ncontent-type: application/json; charset="UTF-8"\r\n' +
        'transfer-encoding: chunked\r\n\r\n',
    )
    for (const byte of Buffer.from(who('größe'))) client.send(Buffer.from(`1\r\n${'\0'}\r\n`).fill(byte, 3, 4))
    client.send('0\r\n\r\n')
    await client.until(({ received }) => received.includes('"id":"größe"'))
  })
})

describe('media types and body limits', () => {
  test.each([
    ['text', { 'content-type': 'text/plain' }, 415],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['what only begins like JSON', { 'content-type': 'application/json5' }, 415],
    ['JSON among others', { 'content-type': 'text/plain, application/json' }, 415],
    ['what is packed', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, 415],
    ['JSON with parameters', { 'content-type': 'Application/JSON ; charset=utf-8' }, 200],
    ['JSON that says it is not packed', { 'content-type': 'application/json', 'content-encoding': 'Identity' }, 200],
  ])('%s', async (_, headers, status) => {
    const response = await call(await serveSse(new StreamingHub().hub), who(1), headers as Record<string, string>)
    expect(response.status).toBe(status)
    const body = (await response.json()) as { error: unknown }
    if (status === 415) expect(body).toEqual({ error: expect.stringMatching(/^[A-Z].*\.$/) })
  })

  test('[W5] a body without a content type gets 415', async () => {
    const { dial } = await serveSse(new StreamingHub().hub)
    const client = dial().send('POST /rpc HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}')
    await client.until(({ closed }) => closed)
    expect(client.statuses).toEqual([415])
  })

  test.each(['GET', 'HEAD', 'PUT', 'OPTIONS', 'DELETE'])('%s', async method => {
    const { url } = await serveSse(new StreamingHub().hub)
    const response = await fetch(`${url}/rpc`, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })

  test.each([
    ['with a token', asAda, 385_536],
    ['without one', { 'content-type': 'application/json' }, 8192],
  ])('a body one byte above the limit %s is rejected, one at the limit is not', async (_, headers, limit) => {
    const served = await serveSse(new StreamingHub().hub)
    expect((await call(served, padded(limit), headers)).status).toBe(200)
    const response = await call(served, padded(limit + 1), headers)
    expect([response.status, response.headers.get('connection')]).toEqual([413, 'close'])
    expect(await response.json()).toEqual({ error: expect.stringContaining(`at most ${limit} bytes`) })
  })

  test('[W6] a body with a declared length above the limit is rejected before it is read', async () => {
    const { dial } = await serveSse(new StreamingHub().hub)
    const client = dial().send(
      'POST /rpc HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 8193\r\n\r\n',
    )
    await client.until(({ received }) => received.includes('bytes at a time'))
    expect(client.statuses).toEqual([413])
    await client.until(({ closed }) => closed)
  })

  test('[W6] a body that grows above the limit is rejected, and its rest is no request', async () => {
    const { dial } = await serveSse(new StreamingHub().hub)
    const client = dial().send(
      'POST /rpc HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    )
    for (let sent = 0; sent <= 8192; sent += 1024) client.send(`400\r\n${' '.repeat(1024)}\r\n`)
    await client.until(({ statuses }) => statuses.length === 1)
    client.send(`0\r\n\r\n${post(who(1))}`)
    await client.until(({ closed }) => closed)
    expect(client.statuses).toEqual([413])
  })

  test('a rejected client may finish sending, gets the response and is closed gracefully', async () => {
    const { dial } = await serveSse(new StreamingHub().hub)
    const body = ' '.repeat(2 ** 20)
    const [head, some, rest] = [post(body).slice(0, -body.length), body.slice(0, 1000), body.slice(1000)]
    const client = dial().send(head).send(some)
    await client.until(({ received }) => received.includes('bytes at a time'))
    client.send(rest)
    await client.until(({ closed }) => closed)
    expect([client.statuses, client.failed, client.socket.bytesWritten]).toEqual([[413], undefined, post(body).length])
  })

  test('a client that sends far too much still gets the response', async () => {
    const served = await serveSse(new StreamingHub().hub)
    const response = await call(served, ' '.repeat(2 ** 21))
    expect(response.status).toBe(413)
  })
})

describe('disconnecting callers', () => {
  test('a disconnect during a request runs nothing', async () => {
    const fake = new StreamingHub()
    const enter = vi.spyOn(fake, 'enter')
    const served = await serveSse(fake.hub)
    const client = served.dial().send(post(check).slice(0, -5))
    const other = await served
      .dial()
      .send(post(who(1)))
      .until(({ statuses }) => statuses.length === 1)
    enter.mockClear()
    client.socket.destroy()
    other.send(post(who(2)))
    await other.until(({ received }) => received.includes('"id":2'))
    expect([enter.mock.calls.length, fake.checks.length]).toEqual([1, 0])
  })

  test('[C4] a disconnect aborts its own waiting check and no other', async () => {
    const fake = new StreamingHub()
    const { dial } = await serveSse(fake.hub)
    const client = dial().send(post(check))
    await vi.waitFor(() => expect(fake.checks).toHaveLength(1))
    const other = dial().send(post(check))
    await vi.waitFor(() => expect(fake.checks).toHaveLength(2))
    client.socket.destroy()
    await vi.waitFor(() => expect(fake.checks[0]?.signal?.aborted).toBe(true))
    expect(fake.checks[1]?.signal?.aborted).toBe(false)
    fake.checks[1]?.answer()
    await other.until(({ statuses }) => statuses.length === 1)
    expect(fake.checks[1]?.signal?.aborted).toBe(false)
  })

  test('a disconnect aborts a call before pipelined ones, which are not run', async () => {
    const fake = new StreamingHub()
    const { dial } = await serveSse(fake.hub)
    const client = dial().send(post(check).repeat(7))
    await vi.waitFor(() => expect(fake.checks).toHaveLength(1))
    client.socket.destroy()
    await vi.waitFor(() => expect(fake.checks[0]?.signal?.aborted).toBe(true))
    const next = dial().send(post(who(1)))
    await next.until(({ statuses }) => statuses.length === 1)
    expect(fake.checks).toHaveLength(1)
  })

  test('a disconnect after the answers aborts nothing', async () => {
    const fake = new StreamingHub()
    const { dial } = await serveSse(fake.hub)
    const client = dial().send(post(check).repeat(2))
    for (const number of [1, 2]) {
      await vi.waitFor(() => expect(fake.checks).toHaveLength(number))
      fake.checks.at(-1)!.answer()
    }
    await client.until(({ statuses }) => statuses.length === 2)
    client.socket.destroy()
    const next = dial().send(post(who(1)))
    await next.until(({ statuses }) => statuses.length === 1)
    expect(fake.checks.map(({ signal }) => signal?.aborted)).toEqual([false, false])
  })
})

test('other paths are left alone, and absolute URLs are routed', async () => {
  const { dial } = await serveSse(new StreamingHub().hub)
  const ask = async (target: string) => {
    const client = dial().send(`GET ${target} HTTP/1.1\r\nhost: x\r\n\r\n`)
    await client.until(({ statuses }) => statuses.length === 1)
    return client.statuses[0]
  }
  for (const path of ['/', '/rpc/', '/RPC', '//rpc', '/rooms//events', '/rooms/a/b/events', '/rooms/a/events/', '*']) {
    expect([path, await ask(path)]).toEqual([path, 404])
  }
  for (const path of ['/rpc', '/rpc?x=/y', 'http://host:1/rpc']) expect([path, await ask(path)]).toEqual([path, 405])
  expect(await ask('http://host/rooms/lobby/events?a?b')).toBe(401)
})
