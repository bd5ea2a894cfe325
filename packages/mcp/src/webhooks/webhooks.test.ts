import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { text } from 'node:stream/consumers'
import { type Message, MidsentenceError, type VirtualClock, virtualClock } from '@midsentence/core'
import fc from 'fast-check'
import { firstValueFrom, ReplaySubject, take, toArray } from 'rxjs'
import { Webhook } from 'standardwebhooks'
import { expect, onTestFinished, test } from 'vitest'
import { readFilter } from '../events/message-event.ts'
import { MAX_RECENT, RecentMessages } from '../events/recent-messages.ts'
import { CallbackError, type CallbackOptions, postCallback, readCallbackUrl } from './post-callback.ts'
import { MAX_ATTEMPTS } from './webhook-subscription.ts'
import { MAX_OF_PRINCIPAL, MAX_SUBSCRIPTIONS, type SubscribeResult, Webhooks } from './webhooks.ts'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

const message = (seq: number, content = `number ${seq}`): Message => ({
  seq,
  message_id: `m${seq}`,
  sender_id: 'Ada',
  content,
  timestamp: '2026-01-01T00:00:00.000Z',
  base: 0,
})

interface Delivery {
  readonly type?: string
  readonly challenge?: string
  readonly eventId?: string
  readonly cursor?: string
}

/** A receiver on loopback. It echoes challenges, and answers events as `respond` does. */
async function receiver(respond: (res: ServerResponse, count: number) => void = res => void res.end()) {
  const deliveries = new ReplaySubject<Delivery>()
  let count = 0
  const handle = async (req: IncomingMessage, res: ServerResponse) => {
    const body = await text(req)
    const delivery = new Webhook(secret).verify(body, req.headers as Record<string, string>) as Delivery
    if (delivery.type === 'verification') return res.end(JSON.stringify({ challenge: delivery.challenge }))
    respond(res, ++count)
    deliveries.next(delivery)
  }
  const server = createServer((req, res) => void handle(req, res).catch(() => res.writeHead(401).end()))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo
  const first = (n: number) => firstValueFrom(deliveries.pipe(take(n), toArray()))
  return { port, url: `http://127.0.0.1:${port}/hook`, first, count: () => count }
}

interface SetUp {
  readonly clock: VirtualClock
  readonly webhooks: Webhooks
  readonly recent: RecentMessages
  readonly subscribe: (
    url: string,
    options?: { readonly principal?: string; readonly ttlMs?: number; readonly only_people?: boolean },
  ) => Promise<SubscribeResult>
}

function setUp(options: CallbackOptions = {}): SetUp {
  const clock = virtualClock()
  const webhooks = new Webhooks({ clock, allowLoopback: true, ...options })
  onTestFinished(() => webhooks.close())
  const start = { log: 'log', seq: 0 }
  const recent = new RecentMessages(start)
  const subscribe: SetUp['subscribe'] = (url, { principal = 'one', ttlMs = 3_600_000, only_people = false } = {}) =>
    webhooks.subscribe(principal, {
      filter: readFilter('message', { only_people }),
      delivery: { url, secret },
      ttlMs,
      open: async () => ({
        reading: { room: 'lobby', name: 'GPT', cursor: start, recent, release: () => {} },
        start: { after: start, truncated: false },
      }),
    })
  return { clock, webhooks, recent, subscribe }
}

/** Advances time until `promise` settles. */
async function passing<A>(clock: VirtualClock, promise: Promise<A>): Promise<A> {
  let settled = false
  const mark = () => {
    settled = true
  }
  promise.then(mark, mark)
  while (!settled) {
    await clock.advance(1000)
    await new Promise(resolve => setImmediate(resolve))
  }
  return promise
}

test('a webhook is tried again after errors, in order, and its cursor never passes a message that was not accepted', async () => {
  const hook = await receiver((res, count) => void res.writeHead(count <= 2 ? 500 : 200).end())
  const { clock, recent, subscribe } = setUp()
  await subscribe(hook.url)
  for (const seq of [1, 2]) recent.add(message(seq))
  const seen = await passing(clock, hook.first(4))
  expect(seen.map(({ eventId }) => eventId)).toEqual(['m1', 'm1', 'm1', 'm2'])
  expect(seen.map(({ cursor }) => cursor)).toEqual(['1.log', '1.log', '1.log', '2.log'])
})

test('after its last attempt a webhook rests until a refresh, and goes on with the same message', async () => {
  let status = 503
  const hook = await receiver(res => void res.writeHead(status).end())
  const { clock, recent, subscribe } = setUp()
  await subscribe(hook.url)
  recent.add(message(1))
  await passing(clock, hook.first(MAX_ATTEMPTS))
  status = 200
  // A refresh of an active subscription changes nothing.
  let refreshed = await subscribe(hook.url)
  while (refreshed.deliveryStatus?.active) {
    await clock.advance(600_000)
    await new Promise(resolve => setImmediate(resolve))
    expect(hook.count()).toBe(MAX_ATTEMPTS)
    refreshed = await subscribe(hook.url)
  }
  expect(refreshed).toMatchObject({ cursor: '0.log', deliveryStatus: { active: false, lastError: 'http_5xx' } })
  const last = (await passing(clock, hook.first(MAX_ATTEMPTS + 1))).at(-1)
  expect(last).toMatchObject({ eventId: 'm1' })
})

test.each([410, 413])('a webhook that answers %i does not get that message again, and gets the next', async status => {
  const hook = await receiver((res, count) => void res.writeHead(count === 1 ? status : 200).end())
  const { clock, webhooks, recent, subscribe } = setUp()
  await subscribe(hook.url)
  recent.add(message(1))
  recent.add(message(2))
  expect((await passing(clock, hook.first(2))).map(({ eventId }) => eventId)).toEqual(['m1', 'm2'])
  expect(webhooks.size).toBe(1)
})

test('a webhook expires without a refresh, and a session that is over terminates it', async () => {
  const hook = await receiver()
  const { clock, webhooks, recent, subscribe } = setUp()
  await subscribe(hook.url, { ttlMs: 1 })
  expect(webhooks.size).toBe(1)
  await clock.advance(59_000)
  expect(webhooks.size).toBe(1)
  await clock.advance(1000)
  expect(webhooks.size).toBe(0)
  await subscribe(hook.url)
  recent.end(new MidsentenceError('session-unknown', 'This session has ended.'))
  expect(await passing(clock, hook.first(1))).toMatchObject([{ type: 'terminated', error: { code: -32024 } }])
})

test('a webhook whose next message is no longer kept gets a gap, and goes on after it', async () => {
  const hook = await receiver()
  const { clock, recent, subscribe } = setUp()
  for (let seq = 1; seq <= MAX_RECENT + 5; seq++) recent.add(message(seq))
  await subscribe(hook.url)
  const [gap, next] = await passing(clock, hook.first(2))
  expect(gap).toEqual({ type: 'gap', cursor: '5.log' })
  expect(next).toMatchObject({ eventId: 'm6' })
})

test('[W5] a session has at most 10 webhooks, all together 1,000, and only its own count', async () => {
  const hook = await receiver()
  const { clock, webhooks, subscribe } = setUp()
  const full = { code: -32025, data: { limit: 'subscriptions' } }
  for (let n = 0; n < MAX_OF_PRINCIPAL; n++) await subscribe(`${hook.url}/${n}`)
  await expect(subscribe(`${hook.url}/more`)).rejects.toMatchObject(full)
  await subscribe(`${hook.url}/0`)
  for (let n = MAX_OF_PRINCIPAL; n < MAX_SUBSCRIPTIONS; n++)
    await subscribe(hook.url, { principal: `p${Math.floor(n / 2)}`, only_people: n % 2 === 0 })
  expect(webhooks.size).toBe(MAX_SUBSCRIPTIONS)
  await expect(subscribe(hook.url, { principal: 'last' })).rejects.toMatchObject(full)
  await clock.advance(3_600_000)
  expect(webhooks.size).toBe(0)
})

test.each([
  ['does not answer in time', (): void => {}, 'timeout'],
  ['sends its head and no end', (res: ServerResponse): void => void res.writeHead(200).write('{'), 'timeout'],
  ['redirects', (res: ServerResponse): void => void res.writeHead(307, { location: '/elsewhere' }).end(), 'http_4xx'],
  ['answers 500', (res: ServerResponse): void => void res.writeHead(500).end(), 'http_5xx'],
  [
    'sends more than a challenge',
    (res: ServerResponse): void => void res.end('x'.repeat(1_000_000)),
    'challenge_failed',
  ],
  [
    'echoes another challenge',
    (res: ServerResponse): void => void res.end('{"challenge":"other"}'),
    'challenge_failed',
  ],
  ['ends the connection', (res: ServerResponse): void => void res.destroy(), 'connection_refused'],
] as const)('a callback that %s is not subscribed', async (_, respond, reason) => {
  let requests = 0
  const server = createServer((_, res) => {
    requests++
    respond(res)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  const { clock, webhooks, subscribe } = setUp({ timeoutMs: 500 })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  await expect(passing(clock, subscribe(url))).rejects.toMatchObject({ code: -32027, data: { reason } })
  expect(requests).toBe(1)
  expect(webhooks.size).toBe(0)
})

test('the address is checked at each connection, so that DNS cannot change it after the check', async () => {
  const hook = await receiver()
  let addresses = [{ address: '127.0.0.1', family: 4 }]
  let lookups = 0
  const lookup = ((_host, _options, callback) => {
    lookups++
    callback(null, addresses as never)
  }) as LookupFunction
  const { clock, recent, subscribe } = setUp({ lookup })
  const url = `http://localhost:${hook.port}/hook`
  await subscribe(url)
  recent.add(message(1))
  await hook.first(1)
  expect(lookups).toBe(2)
  // From here on the name leads into a private network, once together with an allowed address.
  for (const private_ of [[], [{ address: '127.0.0.1', family: 4 }]]) {
    addresses = [...private_, { address: '10.0.0.1', family: 4 }]
    const posted = postCallback(new URL(url), {}, '', { allowLoopback: true, lookup })
    await expect(posted).rejects.toMatchObject({ reason: 'connection_refused' })
  }
  recent.add(message(2))
  const before = lookups
  await passing(
    clock,
    firstLookupAfter(() => lookups > before + 1),
  )
  expect(hook.count()).toBe(1)
})

const firstLookupAfter = async (isDone: () => boolean) => {
  while (!isDone()) await new Promise(resolve => setImmediate(resolve))
}

test.each([
  'https://127.0.0.1/',
  'https://127.1/',
  'https://2130706433/',
  'https://0x7f.0.0.1/',
  'https://017700000001/',
  'https://0.0.0.0/',
  'https://10.1.2.3/',
  'https://172.16.0.1/',
  'https://192.168.1.1/',
  'https://169.254.169.254/',
  'https://100.64.0.1/',
  'https://192.0.2.1/',
  'https://224.0.0.1/',
  'https://255.255.255.255/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:10.0.0.1]/',
  'https://[fe80::1]/',
  'https://[fc00::1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[2002:7f00:1::]/',
  'https://[2001:db8::1]/',
  'https://[ff02::1]/',
  'http://example.com/',
  'http://localhost/',
  'https://user:pass@example.com/',
  'https://example.com/#part',
  'ftp://example.com/',
  'no url',
  7,
])('a callback at %s is refused', url => {
  expect(() => readCallbackUrl(url)).toThrow(expect.objectContaining({ code: -32602 }))
})

test('every IPv4 address outside of the public ranges is refused in each of its notations, also at connect', async () => {
  const privates = fc.oneof(
    fc.tuple(fc.constant(10), fc.nat(255), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(127), fc.nat(255), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(192), fc.constant(168), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(169), fc.constant(254), fc.nat(255), fc.nat(255)),
  )
  const hex = (parts: readonly number[]) => parts.map(part => part.toString(16).padStart(2, '0'))
  const property = fc.asyncProperty(privates, async parts => {
    const [a, b, c, d] = hex(parts)
    const notations = [
      parts.join('.'),
      String(Number(`0x${a}${b}${c}${d}`)),
      `0x${a}${b}${c}${d}`,
      parts.map(part => `0${part.toString(8)}`).join('.'),
      `[::ffff:${a}${b}:${c}${d}]`,
      `[::ffff:${parts.join('.')}]`,
    ]
    for (const host of notations) expect(() => readCallbackUrl(`https://${host}/`)).toThrow(/not public/)
    const lookup = ((_host, _options, callback) =>
      callback(null, [{ address: parts.join('.'), family: 4 }] as never)) as LookupFunction
    await expect(postCallback(new URL('https://hooks.example/'), {}, '', { lookup })).rejects.toThrow(CallbackError)
  })
  await fc.assert(property, { numRuns: 50 })
})
