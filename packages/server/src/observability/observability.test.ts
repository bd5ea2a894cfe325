import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { defaultPolicy, type MidsentenceError, memoryLog, type ScoreLog, virtualClock } from '@midsentence/core'
import { memoryScores, noLoad } from '@midsentence/core/hub'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { ServerOptions } from '../server-options.ts'
import { startServer } from '../start-server.ts'
import { Counters } from './counters.ts'
import { noLog, type ServerLog } from './log.ts'
import { metrics } from './metrics.ts'

const adminToken = 'an-admin-token-of-a-test'

interface LogEntry {
  readonly level: string
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

const noClusterLoad = {
  ownedRooms: 0,
  callsSent: 0,
  callsReceived: 0,
  lostLinks: 0,
  evictions: 0,
  leaseInterruptions: 0,
  claims: 0,
  claimMs: 0,
}

/** Starts a server and records its log; `metricValues` scrapes its metrics. */
async function startObserved(options: ServerOptions = {}) {
  const entries: LogEntry[] = []
  const at = (level: string) => (fields: object, message: string) =>
    void entries.push({ level, message, fields: { ...fields } })
  const log: ServerLog = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  const server = await startServer({ port: 0, adminToken, log, ...options })
  onTestFinished(() => server.close())
  const call = async (method: string, params: object = {}, token = '', headers: object = {}, path = '/rpc') => {
    const res = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }), ...headers },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    // biome-ignore lint/suspicious/noExplicitAny: each test checks the fields it needs
    return res.status === 200 ? ((await res.json()) as { result?: any; error?: any }) : {}
  }
  const metricValues = async () => {
    const res = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${adminToken}` } })
    const rows = (await res.text()).split('\n').filter(row => row.startsWith('midsentence_'))
    return Object.fromEntries(rows.map(row => [row.slice(0, row.lastIndexOf(' ')), Number(row.split(' ').at(-1))]))
  }
  const messagesAt = (level: string) => entries.filter(each => each.level === level).map(({ message }) => message)
  return { ...server, entries, messagesAt, call, metricValues }
}

test('every metric has the value that its help describes', async () => {
  const clock = virtualClock()
  const { url, call, metricValues, hub } = await startObserved({
    hosts: ['chat.example'],
    proxies: ['127.0.0.1'],
    limits: { session: { per_second: 1, burst: 40 }, address: { per_second: 1, burst: 1, guesses: 1 } },
    rooms: {
      clock,
      policy: {
        room: () => ({}),
        limits: () => ({}),
        admit: ({ username }) => (username === 'Eve' ? { allowed: false, reason: 'it is you' } : { allowed: true }),
        loopGuard: room => (room === 'loop' ? { laps: 1 } : undefined),
        content(text) {
          if (text === 'broken') throw new Error('a hook that is broken')
          return text === 'rude' ? { allowed: false, reason: 'it is rude' } : { allowed: true }
        },
      },
    },
  })
  const join = async (username: string, room = 'lobby') =>
    (await call('join', { username, room })).result?.token as string
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  await join('Eve')
  await call('append', { text: 'mine' }, ada)
  // Three counted holds grant the floor, which then expires.
  for (let base = 0; base < 3; base++) {
    await call('publish', { content: 'quick', base, key: `${base}` }, ben)
    await call('push', {}, ada)
  }
  const floored = call('publish', { content: 'waits', base: 0, key: 'w', timeout_ms: 10 }, ben)
  await vi.waitFor(() => expect(hub.admin?.load().waitingPushes).toBe(1))
  expect((await metricValues()).midsentence_waiting_pushes).toBe(1)
  await clock.advance(10)
  await floored
  await clock.advance(61_000)
  await call('publish', { content: 'rude', base: 3, key: 'r' }, ben)
  await call('publish', { content: 'broken', base: 3, key: 'b' }, ben)
  for (let times = 0; times < 45; times++) await call('who', {}, ben)
  const looping = await join('Loop', 'loop')
  for (const key of ['1', '2']) await call('publish', { content: 'again', base: 0, key }, looping)
  const stream = await fetch(`${url}/rooms/lobby/events?after=0`, { headers: { authorization: `Bearer ${ada}` } })
  const reader = stream.body!.getReader()
  let received = ''
  while ((received.match(/event: message/g) ?? []).length < 3)
    received += new TextDecoder().decode((await reader.read()).value)
  const checking = call('check', { timeout_ms: 60_000, after: 3 }, ada)
  await vi.waitFor(() => expect(hub.admin?.load().waitingChecks).toBe(1))
  await fetch(`${url}/healthz`, { headers: { origin: 'https://evil.example' } })
  const foreign = request(`${url}/healthz`, { headers: { host: 'evil.example' } }).end()
  await once(foreign, 'response')
  for (let times = 0; times < 4; times++) await fetch(`${url}/healthz`, { headers: { 'x-forwarded-for': '192.0.2.9' } })
  await call('leave', {}, looping)

  const seen = await metricValues()
  expect(seen).toMatchObject({
    midsentence_rooms: 2,
    midsentence_sessions: 2,
    midsentence_streams: 1,
    midsentence_slow_readers: 0,
    midsentence_waiting_checks: 1,
    midsentence_waiting_pushes: 0,
    midsentence_ready: 1,
    midsentence_messages_total: 4,
    midsentence_crossings_total: 0,
    'midsentence_holds_total{why="unseen"}': 3,
    'midsentence_holds_total{why="floor"}': 1,
    midsentence_floor_grants_total: 1,
    'midsentence_floor_ends_total{why="time"}': 1,
    'midsentence_floor_ends_total{why="sent"}': 0,
    midsentence_deliveries_total: 3,
    midsentence_stalls_total: 0,
    midsentence_joins_total: 3,
    midsentence_leaves_total: 1,
    'midsentence_refusals_total{what="entry"}': 1,
    'midsentence_refusals_total{what="content"}': 1,
    'midsentence_refusals_total{what="loop"}': 1,
    'midsentence_turned_away_total{why="host"}': 1,
    'midsentence_turned_away_total{why="origin"}': 1,
    'midsentence_turned_away_total{why="connection"}': 0,
    midsentence_faults_total: 0,
  })
  expect(seen['midsentence_turned_away_total{why="address"}']).toBeGreaterThan(0)
  expect(seen['midsentence_refusals_total{what="rate"}']).toBeGreaterThan(0)
  expect(seen.midsentence_connections).toBeGreaterThan(0)
  expect(seen.midsentence_records_total).toBeGreaterThanOrEqual(6)
  expect(seen.midsentence_commit_seconds_count).toBeGreaterThan(0)
  await reader.cancel()
  await hub.close()
  await checking
})

test('docs/operating.md lists every metric with its help', () => {
  const sources = {
    load: () => noLoad,
    clusterLoad: () => noClusterLoad,
    connections: async () => 0,
    ready: () => true,
  }
  const all = metrics({ ...sources, counters: new Counters(noLog) }).getMetricsAsArray()
  const docs = readFileSync(new URL('../../../../docs/operating.md', import.meta.url), 'utf8')
  const ours = all.filter(({ name }) => name.startsWith('midsentence_'))
  expect(ours.length).toBeGreaterThan(20)
  for (const { name, help } of ours) expect(docs).toContain(`| \`${name}\` | ${help} |`)
})

test('crossed messages and slow readers are counted', async () => {
  const rooms = { policy: { room: () => ({ policy: 'annotate' as const }), limits: () => ({}) } }
  const { hub, metricValues } = await startObserved({ rooms })
  const [ada, ben] = [await hub.join({ username: 'Ada' }), await hub.join({ username: 'Ben' })]
  const full = { messages: () => false, missed: () => {}, presence: () => {}, ended: () => {} }
  ;(await ben.subscribe(full)).resume()
  for (const key of ['1', '2']) await ada.publish({ content: 'x', base: 0, key })
  await ben.publish({ content: 'x', base: 0, key: '3' })
  expect(await metricValues()).toMatchObject({
    midsentence_crossings_total: 2,
    midsentence_slow_readers: 1,
    midsentence_stalls_total: 1,
    midsentence_deliveries_total: 1,
  })
})

test('the log contains ids and rooms, but no names, tokens or texts', async () => {
  const { url, call, entries, messagesAt, close, drain } = await startObserved({ password: 'open-sesame' })
  const canaries = ['Ada-the-name', 'draft-canary', 'message-canary', 'open-sesame', 'wrong-canary', adminToken]
  await call('join', { username: 'Ada-the-name', credential: 'wrong-canary' })
  const { result } = await call('join', { username: 'Ada-the-name', credential: 'open-sesame' })
  await call('append', { text: 'draft-canary' }, result.token)
  await call('publish', { content: 'message-canary', base: 0, key: 'k', meta: { a: 'message-canary' } }, result.token)
  const stream = await fetch(`${url}/rooms/lobby/events?token=${result.token}`)
  await stream.body!.cancel()
  await fetch(`${url}/healthz`, { headers: { origin: 'https://evil.example' } })
  const removed = await call('admin.remove', { room: 'lobby', username: 'Ada-the-name' }, adminToken, {}, '/admin')
  expect(removed.result.status).toBe(1)
  drain()
  expect((await fetch(`${url}/readyz`)).status).toBe(503)
  await close()
  expect(messagesAt('info')).toEqual(['listening', 'joined', 'admin', 'left', 'draining', 'closed'])
  expect(messagesAt('warn')).toEqual(['refused'])
  expect(messagesAt('error')).toEqual([])
  expect([...new Set(messagesAt('debug'))].sort()).toEqual(['request', 'turned away'])
  const { session_id: session } = result
  const fieldsOf = (message: string) => entries.find(each => each.message === message)?.fields
  expect(fieldsOf('joined')).toEqual({ session, room: 'lobby' })
  expect(fieldsOf('left')).toMatchObject({ session, room: 'lobby', reason: expect.stringMatching(/admin/) })
  expect(fieldsOf('admin')).toEqual({ methods: ['admin.remove'] })
  expect(fieldsOf('refused')).toEqual({ what: 'entry', room: 'lobby' })
  expect(fieldsOf('request')).toMatchObject({ method: 'POST', path: '/rpc', status: 200, ms: expect.any(Number) })
  const all = JSON.stringify(entries)
  for (const canary of [...canaries, result.token]) expect([canary, all.includes(canary)]).toEqual([canary, false])
})

test('a limited address is logged', async () => {
  const limits = { address: { per_second: 1, burst: 1 } }
  const { url, entries } = await startObserved({ proxies: ['127.0.0.1'], limits })
  for (let times = 0; times < 4; times++) await fetch(`${url}/healthz`, { headers: { 'x-forwarded-for': '192.0.2.9' } })
  expect(entries.find(({ level }) => level === 'warn')).toEqual({
    level: 'warn',
    message: 'turned away',
    fields: { why: 'address', address: '192.0.2.9' },
  })
})

test('a failed room log is logged once, and /readyz answers 503', async () => {
  const log = memoryLog()
  const full = { ...log, append: () => Promise.reject(new Error('ENOSPC')) }
  const failures: MidsentenceError[] = []
  const { url, call, entries } = await startObserved({
    rooms: { log: full, onFailure: error => void failures.push(error) },
  })
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready' })
  const { result } = await call('join', { username: 'Ada' })
  const { error } = await call('publish', { content: 'message-canary', base: 0, key: 'k' }, result.token)
  expect(error.code).toBe(40013)
  expect(entries.filter(({ level }) => level === 'error')).toMatchObject([
    { message: 'the log failed', fields: { error: { code: 'unavailable', cause: { message: 'ENOSPC' } } } },
  ])
  expect(JSON.stringify(entries)).not.toContain('message-canary')
  expect([failures.length, (await fetch(`${url}/readyz`)).status]).toEqual([1, 503])
  // The process is alive: the operator decides whether to restart it.
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
})

test('an internal error is logged with its cause and counted', async () => {
  const log = memoryLog()
  const messages = () => Promise.reject(new TypeError('a bug'))
  const { url, hub, entries, metricValues } = await startObserved({ rooms: { log } })
  const ada = await hub.join({ username: 'Ada' })
  ada.subscribe = messages
  const stream = await fetch(`${url}/rooms/lobby/events?token=${ada.joinResult.token}`)
  expect(stream.status).toBe(500)
  expect(entries.filter(({ level }) => level === 'error')).toMatchObject([
    { message: 'failed', fields: { what: 'events', error: { name: 'TypeError', message: 'a bug' } } },
  ])
  expect((await metricValues()).midsentence_faults_total).toBe(1)
})

test('a draining server answers requests and closes their connections', async () => {
  const { url, drain, call } = await startObserved()
  drain()
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n')
  let received = ''
  for await (const chunk of socket) received += chunk
  expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*connection: close/i)
  expect((await call('join', { username: 'Ada' })).result.sender_id).toBe('Ada')
})

test('[I6] a score that cannot be written is one line of the log, with what to do, and stops no message', async () => {
  const scores: ScoreLog = {
    ...memoryScores(),
    append: async () => {
      throw new Error('ENOSPC: no space left on device')
    },
  }
  const access = () => ({ observable: true, recorded: true })
  const { entries, call } = await startObserved({ rooms: { scores, policy: { ...defaultPolicy, access } } })
  const { token } = (await call('join', { username: 'Ada' })).result
  const failures = () => entries.filter(({ message }) => message.startsWith('a score cannot be written'))
  await expect.poll(() => failures().length).toBe(1)
  for (let nth = 0; nth < 20; nth++) {
    await call('append', { text: 'x' }, token)
    expect((await call('push', {}, token)).result).toMatchObject({ status: 1 })
  }
  expect(failures()).toEqual([
    {
      level: 'warn',
      message:
        'a score cannot be written: what happens until then is lost, and marked as a gap; messages are not. Free space on the disk, and let the server write the directory score of its data',
      fields: { room: 'lobby', error: 'ENOSPC: no space left on device' },
    },
  ])
})
