import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { virtualClock } from '@midsentence/core'
import { eventsIn } from '@midsentence/testing/sse/event-parser'
import { serveSse } from '@midsentence/testing/sse/serve-sse'
import { StreamingHub } from '@midsentence/testing/sse/streaming-hub'
import { describe, expect, test, vi } from 'vitest'
import { fetchHandler } from './fetch-handler.ts'

const at = 'http://chat.example'
const asAda = { authorization: 'Bearer ada' }
const json = { 'content-type': 'application/json' }
const who = JSON.stringify({ jsonrpc: '2.0', method: 'who', id: 1 })
const rpc = (init: RequestInit = {}) =>
  new Request(`${at}/rpc`, { method: 'POST', body: who, headers: { ...json, ...asAda }, ...init })
const lobby = (init: RequestInit = {}) => new Request(`${at}/rooms/lobby/events`, { headers: asAda, ...init })

/** Reads a stream until its text contains `part`. Returns the reader with all text so far. */
class Reading {
  text = ''
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #decoder = new TextDecoder()

  constructor(response: Response) {
    this.#reader = response.body!.getReader()
  }

  async until(part: string): Promise<this> {
    while (!this.text.includes(part)) if (await this.#next()) throw new Error(`The stream ended without ${part}`)
    return this
  }

  async toEnd(): Promise<this> {
    while (!(await this.#next()));
    return this
  }

  cancel(): Promise<void> {
    return this.#reader.cancel()
  }

  get seqs(): number[] {
    return eventsIn(this.text)
      .filter(({ event }) => event === 'message')
      .map(({ id }) => Number(id))
  }

  async #next(): Promise<boolean> {
    const { done, value } = await this.#reader.read()
    if (value) this.text += this.#decoder.decode(value, { stream: true })
    return done
  }
}

const told = ['content-type', 'cache-control', 'allow', 'www-authenticate', 'retry-after', 'x-accel-buffering']
const answerOf = async (response: Response) => ({
  status: response.status,
  headers: told.map(name => `${name}: ${response.headers.get(name)}`),
  body: response.headers.get('content-type')?.startsWith('application/json') ? await response.text() : '',
})

describe('[W5] both kinds of host give the same answers', () => {
  const requests: readonly (readonly [what: string, path: string, init: RequestInit])[] = [
    ['a call', '/rpc', { method: 'POST', body: who, headers: { ...json, ...asAda } }],
    ['a call with a query', '/rpc?x=/y', { method: 'POST', body: who, headers: { ...json, ...asAda } }],
    ['a call without a token', '/rpc', { method: 'POST', body: who, headers: json }],
    ['a notification', '/rpc', { method: 'POST', body: '{"jsonrpc":"2.0","method":"who"}', headers: json }],
    ['nothing at all', '/rpc', { method: 'POST', headers: json }],
    ['invalid UTF-8', '/rpc', { method: 'POST', body: Uint8Array.of(0x22, 0xff), headers: json }],
    ['GET', '/rpc', {}],
    ['HEAD', '/rpc', { method: 'HEAD' }],
    ['text', '/rpc', { method: 'POST', body: who }],
    ['what is packed', '/rpc', { method: 'POST', body: who, headers: { ...json, 'content-encoding': 'gzip' } }],
    ['too much without a token', '/rpc', { method: 'POST', body: ' '.repeat(8193), headers: json }],
    ['a stream without a token', '/rooms/lobby/events', {}],
    ['a stream with a wrong token', '/rooms/lobby/events?token=eve', {}],
    ['a stream of another room', '/rooms/a%20b/events', { headers: asAda }],
    ['a stream after no seq', '/rooms/lobby/events?after=x', { headers: asAda }],
    ['a stream beyond what was shown', '/rooms/lobby/events', { headers: { ...asAda, 'last-event-id': '9' } }],
    ['POST to a stream', '/rooms/lobby/events', { method: 'POST', headers: asAda }],
  ]
  test.each(requests)('%s', async (_, path, init) => {
    const fake = new StreamingHub()
    fake.shown = 3
    const { url } = await serveSse(fake.hub)
    const ofNode = await answerOf(await fetch(url + path, init))
    const ofFetch = await answerOf(await fetchHandler(fake.hub).fetch(new Request(at + path, init)))
    // Node's fetch has no body for HEAD; a host drops the one of a response.
    expect(ofFetch).toEqual(init.method === 'HEAD' ? { ...ofNode, body: ofFetch.body } : ofNode)
  })

  test('the head of a stream', async () => {
    const fake = new StreamingHub()
    const { url } = await serveSse(fake.hub)
    const abort = new AbortController()
    const ofNode = await fetch(`${url}/rooms/lobby/events`, { headers: asAda, signal: abort.signal })
    const ofFetch = await fetchHandler(fake.hub).fetch(lobby())
    expect(await answerOf(ofFetch)).toEqual(await answerOf(ofNode))
    expect(ofFetch.headers.has('connection')).toBe(false)
    abort.abort()
  })
})

describe('requests', () => {
  test('other paths get 404 and a sentence with the right ones', async () => {
    const { fetch } = fetchHandler(new StreamingHub().hub, { prefix: '/chat' })
    for (const path of ['/', '/rpc', '/chat', '/chatter/rpc', '/chat/rpc/', '/chat/rooms/a/b/events']) {
      const response = await fetch(new Request(at + path))
      expect([path, response.status, await response.json()]).toEqual([
        path,
        404,
        { error: 'There is nothing here. Call POST /chat/rpc or GET /chat/rooms/{room}/events.' },
      ])
    }
    expect((await fetch(new Request(`${at}/chat/rpc#x`))).status).toBe(405)
  })

  test('[W6] a body with a declared length above the limit is rejected before it is read', async () => {
    const pull = vi.fn()
    const body = new ReadableStream({ pull }, { highWaterMark: 0 })
    const { fetch } = fetchHandler(new StreamingHub().hub)
    const response = await fetch(rpc({ body, headers: { ...json, 'content-length': '8193' }, ...streamed }))
    expect([response.status, pull.mock.calls.length]).toEqual([413, 0])
  })

  test('[W6] a body that grows above the limit is rejected, and its rest is not read', async () => {
    let sent = 0
    const cancel = vi.fn()
    const body = new ReadableStream({
      pull: controller => {
        sent++
        controller.enqueue(new Uint8Array(1024).fill(32))
      },
      cancel,
    })
    const { fetch } = fetchHandler(new StreamingHub().hub)
    const response = await fetch(rpc({ body, headers: json, ...streamed }))
    expect(response.status).toBe(413)
    expect(cancel).toHaveBeenCalledOnce()
    expect(sent).toBeLessThan(12)
  })

  test('a body that breaks runs nothing', async () => {
    const fake = new StreamingHub()
    const enter = vi.spyOn(fake, 'enter')
    const body = new ReadableStream({ pull: controller => controller.error(new Error('gone')) })
    const response = await fetchHandler(fake.hub).fetch(rpc({ body, ...streamed }))
    expect([response.status, enter.mock.calls.length]).toEqual([400, 0])
  })

  test('a body that the host has read is answered at once with 500, and reported', async () => {
    const fault = vi.fn()
    const { fetch } = fetchHandler(new StreamingHub().hub, { fault })
    const read = rpc()
    await read.text()
    const locked = rpc()
    locked.body!.getReader()
    for (const request of [read, locked]) {
      const response = await fetch(request)
      expect([response.status, await response.json()]).toEqual([
        500,
        { error: expect.stringContaining('before any body parser') },
      ])
    }
    expect(fault.mock.calls.map(([error, what]) => [(error as Error).message, what])).toEqual(
      Array(2).fill([expect.stringContaining('read the body'), 'rpc']),
    )
  })

  test('the address of the client is passed on', async () => {
    const addressOf = vi.fn(() => '192.0.2.1')
    const join = vi.fn((_: { address?: string }) => Promise.reject(new Error('no')))
    const { fetch } = fetchHandler(Object.assign(new StreamingHub(), { join }) as never, { addressOf })
    await fetch(rpc({ body: '{"jsonrpc":"2.0","id":1,"method":"join","params":{"username":"Ada"}}' }))
    expect(join.mock.calls[0]?.[0].address).toBe('192.0.2.1')
  })

  test('[C4] a request that aborts ends its waiting check and no other', async () => {
    const fake = new StreamingHub()
    const { fetch } = fetchHandler(fake.hub)
    const gone = new AbortController()
    const check = '{"jsonrpc":"2.0","id":1,"method":"check"}'
    const ended = fetch(rpc({ body: check, signal: gone.signal }))
    void fetch(rpc({ body: check }))
    await vi.waitFor(() => expect(fake.checks).toHaveLength(2))
    gone.abort()
    expect((await ended).status).toBe(200)
    expect(fake.checks.map(({ signal }) => signal?.aborted)).toEqual([true, false])
  })
})

/** Node's Request needs this for a body that is a stream. */
const streamed = { duplex: 'half' } as RequestInit

describe('streams', () => {
  test('[V1] a stream has welcome, presence, then every message', async () => {
    const fake = new StreamingHub()
    fake.present = ['Ada']
    fake.say('one')
    const reading = new Reading(await fetchHandler(fake.hub).fetch(lobby()))
    await reading.until('"one"')
    fake.say('two', 'three')
    await reading.until('"three"')
    expect(eventsIn(reading.text).map(({ event, id }) => `${event} ${id}`)).toEqual([
      'welcome 0',
      'presence 0',
      'message 1',
      'message 2',
      'message 3',
    ])
  })

  test('[V5] a reader that takes nothing is paused with bounded bytes, blocks no other, and gets all later', async () => {
    const fake = new StreamingHub()
    const { fetch } = fetchHandler(fake.hub)
    const slow = await fetch(lobby())
    const fast = new Reading(await fetch(lobby()))
    const count = 100
    for (let seq = 1; seq <= count; seq++) {
      fake.say('x'.repeat(20_000))
      await fast.until(`id: ${seq}\n`)
    }
    const [first, second] = [...fake.readers]
    expect([first?.isReading, second?.isReading]).toEqual([false, true])
    // 64 KiB wait, and the message that exceeded them.
    expect(first?.cursor).toBeLessThanOrEqual(4)
    const reading = await new Reading(slow).until(`id: ${count}\n`)
    expect(reading.seqs).toEqual(Array.from({ length: count }, (_, index) => index + 1))
  })

  test('a page longer than a reader takes at once arrives in pieces, whole', async () => {
    const fake = new StreamingHub()
    for (let seq = 1; seq <= 40; seq++) fake.say('x'.repeat(20_000))
    const reading = await new Reading(await fetchHandler(fake.hub).fetch(lobby())).until('id: 40\n')
    await reading.until('\n\n')
    expect(reading.seqs.slice(0, 39)).toEqual(Array.from({ length: 39 }, (_, index) => index + 1))
  })

  test.each([
    ['cancels', async (reading: Reading, _: AbortController) => reading.cancel()],
    ['aborts its request', async (_: Reading, gone: AbortController) => gone.abort()],
  ])('a reader that %s leaves no subscription and no timer', async (_, leave) => {
    const fake = new StreamingHub()
    const clock = virtualClock()
    const gone = new AbortController()
    const reading = new Reading(await fetchHandler(fake.hub, { clock }).fetch(lobby({ signal: gone.signal })))
    await reading.until('welcome')
    expect([fake.readers.size, clock.pending]).toEqual([1, 1])
    await leave(reading, gone)
    expect([fake.readers.size, clock.pending]).toEqual([0, 0])
  })

  test('an abort ends the stream of a request that only the server keeps, also after a garbage collection', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const fake = new StreamingHub()
    const gone = new AbortController()
    const reading = new Reading(await fetchHandler(fake.hub).fetch(lobby({ signal: gone.signal })))
    await reading.until('welcome')
    await new Promise(setImmediate)
    collect()
    await new Promise(setImmediate)
    gone.abort()
    await expect.poll(() => fake.readers.size).toBe(0)
  })

  test('a request that aborts before its stream starts leaves none', async () => {
    const fake = new StreamingHub()
    const { asked, release } = fake.hold()
    const gone = new AbortController()
    const response = fetchHandler(fake.hub).fetch(lobby({ signal: gone.signal }))
    await asked
    gone.abort()
    release()
    await response
    expect(fake.readers.size).toBe(0)
    const late = await fetchHandler(fake.hub).fetch(lobby({ signal: AbortSignal.abort() }))
    expect([late.status, fake.readers.size]).toEqual([503, 0])
  })

  test('heartbeats come every 15 seconds', async () => {
    const clock = virtualClock()
    const reading = new Reading(await fetchHandler(new StreamingHub().hub, { clock }).fetch(lobby()))
    await reading.until('welcome')
    await clock.advance(15_000)
    await reading.until('\n:\n\n')
  })

  test('a stream ends with its session', async () => {
    const fake = new StreamingHub()
    const reading = new Reading(await fetchHandler(fake.hub).fetch(lobby()))
    fake.say('last')
    fake.end()
    expect((await reading.toEnd()).seqs).toEqual([1])
  })

  test('close ends streams, and later requests get 503', async () => {
    const handler = fetchHandler(new StreamingHub().hub)
    const reading = new Reading(await handler.fetch(lobby()))
    await handler.close()
    await reading.toEnd()
    for (const request of [rpc(), lobby()]) {
      const response = await handler.fetch(request)
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
    }
  })

  test('an internal error is a 500, and reported', async () => {
    const fake = new StreamingHub()
    fake.gate = () => {
      throw new Error('disk')
    }
    const fault = vi.fn()
    expect((await fetchHandler(fake.hub, { fault }).fetch(lobby())).status).toBe(500)
    expect(fault).toHaveBeenCalledWith(expect.objectContaining({ message: 'disk' }), 'events')
  })
})
