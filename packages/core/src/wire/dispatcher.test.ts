import { type FakeHub, fakeHub } from '@midsentence/testing/fake-hub'
import { expect, test } from 'vitest'
import { MidsentenceError } from '../errors.ts'
import type { HubSession } from '../hub/hub-api.ts'
import { type RpcDispatcherOptions, rpcDispatcher } from './dispatcher.ts'
import type { RpcCaller } from './request-context.ts'

const good: RpcCaller = { token: 'good' }

const request = (method: string, params?: unknown, id: unknown = 1) => ({ jsonrpc: '2.0', method, params, id })
const notification = (method: string, params?: unknown) => ({ jsonrpc: '2.0', method, params })

function asking({ hub }: FakeHub, options?: RpcDispatcherOptions) {
  const dispatcher = rpcDispatcher(hub, options)
  return async (what: unknown, caller: RpcCaller = good) => {
    const answer = await dispatcher.dispatch(JSON.stringify(what), caller)
    return answer === undefined ? undefined : JSON.parse(answer)
  }
}

/** Responses that the test releases. */
function gate<A>() {
  let open: (answer: A) => void = () => {}
  const opened = new Promise<A>(resolve => {
    open = resolve
  })
  return { open, opened }
}

test.each<[string, object, unknown[]]>([
  ['append', { text: 'a', key: 'k', after: 2, more: 1 }, ['append', { text: 'a', key: 'k', after: 2 }, {}]],
  ['undo', { key: 'k', after: 2 }, ['undo', { key: 'k', after: 2 }, {}]],
  ['reset', {}, ['reset', {}, {}]],
  ['preview', { after: 2, key: 'k' }, ['preview', { after: 2 }, {}]],
  [
    'push',
    { key: 'k', timeout_ms: 1e9, meta: { a: [1] } },
    ['push', { key: 'k', timeout_ms: 240_000, meta: { a: [1] } }, {}],
  ],
  ['check', { timeout_ms: 0, after: 1 }, ['check', { timeout_ms: 0, after: 1 }, {}]],
  [
    'publish',
    { content: 'a', base: 0, key: 'k', timeout_ms: 5 },
    ['publish', { content: 'a', base: 0, key: 'k', timeout_ms: 5 }, {}],
  ],
  ['resume', {}, ['resume']],
  ['who', {}, ['who']],
  ['yield', {}, ['yield']],
  ['hush', { on: true, more: 1 }, ['hush', true]],
  ['leave', {}, ['leave']],
])('%s %j reaches the session of its token', async (method, params, called) => {
  const fake = fakeHub()
  expect(await asking(fake)(request(method, params))).toMatchObject({ jsonrpc: '2.0', result: {}, id: 1 })
  expect(fake.calls).toEqual([['enter', 'good'], called])
})

test('[W5] a bound socket uses its session and ignores tokens', async () => {
  const fake = fakeHub()
  await asking(fake)(request('reset'), { session: fake.session, token: 'another' })
  expect(fake.calls).toEqual([['reset', {}, {}]])
})

test('leave and yield return their status', async () => {
  expect(await asking(fakeHub())(request('leave'))).toMatchObject({ result: { status: 1 } })
  expect(await asking(fakeHub())(request('yield'))).toMatchObject({ result: { status: 0 } })
  expect(await asking(fakeHub({ yield: () => true }))(request('yield'))).toMatchObject({ result: { status: 1 } })
})

test('join needs no token, returns the session and passes only its parameters', async () => {
  const fake = fakeHub()
  const joined: HubSession[] = []
  const params = { username: 'Claude', room: 'lobby', since: 0, secret: '0123456789abcdef', legacy: true }
  const answer = await asking(fake)(request('join', params), { joined: session => void joined.push(session) })
  expect(answer.result).toEqual(fake.session.joinResult)
  const known = { username: 'Claude', room: 'lobby', since: 0, secret: '0123456789abcdef' }
  expect(fake.calls).toEqual([['join', known], ['snapshotCursor']])
  expect(joined).toEqual([fake.session])
})

test('[W5] a new socket is bound by resume with its token; another token is refused', async () => {
  const fake = fakeHub()
  const joined: HubSession[] = []
  const caller: RpcCaller = { joined: session => void joined.push(session) }
  const answer = await asking(fake)(request('resume', { token: 'good' }), caller)
  expect(answer.result).toEqual({ ...fake.session.joinResult, suffix: 'end' })
  expect(joined).toEqual([fake.session])
  const refused = await asking(fake)(request('resume', { token: 'bad' }), caller)
  expect(refused.error).toEqual({ code: 40010, message: 'This session is over: join again.' })
  expect(joined).toHaveLength(1)
  await asking(fake)(request('resume'), { ...caller, session: fake.session })
  expect(joined).toHaveLength(1)
})

test('a call without a token gets an error that says to join', async () => {
  const fake = fakeHub()
  for (const method of ['append', 'undo', 'push', 'check', 'preview', 'who', 'leave', 'resume']) {
    expect(await asking(fake)(request(method, { text: 'a' }), {})).toEqual({
      jsonrpc: '2.0',
      error: {
        code: 40010,
        message:
          'This method needs a session: call join first, then send its token as "Authorization: Bearer …", or use the socket that joined.',
      },
      id: 1,
    })
  }
  expect(fake.calls).toEqual([])
})

test('draft passes every fact on unchanged', async () => {
  const fake = fakeHub()
  const facts = [{ type: 'appended', text: 'a', base: 1 }, { type: 'undone' }, { type: 'unheard-of', more: 1 }]
  expect(await asking(fake)(notification('draft', { facts, rev: 3 }))).toBeUndefined()
  expect(await asking(fake)(request('draft', { facts: [], rev: 0 }))).toMatchObject({ result: { status: 1 } })
  expect(fake.calls.filter(([name]) => name === 'showDraft')).toEqual([
    ['showDraft', facts, 3],
    ['showDraft', [], 0],
  ])
})

test('a notification gets no response, and a read-only one does nothing', async () => {
  const fake = fakeHub()
  const ask = asking(fake)
  for (const method of ['append', 'push', 'yield']) {
    expect(await ask(notification(method, { text: 'a' }))).toBeUndefined()
  }
  const acted = fake.calls.filter(([name]) => name !== 'enter')
  expect(acted).toEqual([
    ['append', { text: 'a' }, { notification: true }],
    ['push', {}, { notification: true }],
    ['yield'],
  ])
  for (const method of ['check', 'preview', 'who', 'rpc.discover']) {
    expect(await ask(notification(method))).toBeUndefined()
  }
  expect(fake.calls.filter(([name]) => name !== 'enter')).toHaveLength(acted.length)
})

test('[W5] a join as a notification binds its socket', async () => {
  const joined: HubSession[] = []
  const answer = await asking(fakeHub())(notification('join', { username: 'a' }), {
    joined: each => void joined.push(each),
  })
  expect([answer, joined.length]).toEqual([undefined, 1])
})

test('[W3] a failed notification gets no response', async () => {
  const failing = fakeHub({ push: () => Promise.reject(new Error('broken')) })
  const faults: unknown[] = []
  const ask = asking(failing, { fault: (cause, method) => faults.push([method, String(cause)]) })
  expect(await ask(notification('push'))).toBeUndefined()
  expect(await ask(notification('append', { text: 1 }))).toBeUndefined()
  expect(await ask(notification('append', ['a']))).toBeUndefined()
  expect(await ask(notification('nothing'))).toBeUndefined()
  expect(await ask(notification('undo'), {})).toBeUndefined()
  expect(faults).toEqual([['push', 'Error: broken']])
})

test('[W2] a batch has one cursor snapshot, taken before its first call, and never waits', async () => {
  const fake = fakeHub()
  const answers = await asking(fake)([
    request('check', {}, 'a'),
    notification('append', { text: 'x' }),
    request('push', {}, 'b'),
  ])
  expect(answers.map(({ id }: { id: string }) => id)).toEqual(['a', 'b'])
  const options = { cursorSnapshot: { cursor: 3, shown: 5 }, mayWait: false }
  expect(fake.calls).toEqual([
    ['enter', 'good'],
    ['snapshotCursor'],
    ['check', {}, options],
    ['append', { text: 'x' }, { ...options, notification: true }],
    ['push', {}, options],
  ])
})

test('a batch of one request gets a batch response', async () => {
  const fake = fakeHub()
  expect(await asking(fake)([request('push')])).toHaveLength(1)
  expect(fake.calls.at(-1)).toEqual(['push', {}, { cursorSnapshot: { cursor: 3, shown: 5 }, mayWait: false }])
})

test('the calls of a batch run concurrently, and their responses keep their order', async () => {
  const { open, opened } = gate<never>()
  const fake = fakeHub({ append: () => opened })
  const answering = asking(fake)([request('append', { text: 'a' }, 1), request('undo', {}, 2)])
  expect(fake.calls.map(([name]) => name)).toEqual(['enter', 'snapshotCursor', 'append', 'undo'])
  open({ status: 1 } as never)
  expect(await answering).toMatchObject([
    { id: 1, result: { status: 1 } },
    { id: 2, result: {} },
  ])
})

test('texts take effect in call order, before anything is awaited', () => {
  const fake = fakeHub()
  const { dispatch } = rpcDispatcher(fake.hub)
  for (const text of 'abc') void dispatch(JSON.stringify(request('append', { text })), { session: fake.session })
  expect(fake.calls.map(([, given]) => given)).toEqual([{ text: 'a' }, { text: 'b' }, { text: 'c' }])
})

test('a join in a batch does not authenticate the later calls', async () => {
  const fake = fakeHub()
  const answers = await asking(fake)([request('join', { username: 'a' }, 1), request('push', {}, 2)], {})
  expect(answers).toMatchObject([
    { id: 1, result: {} },
    { id: 2, error: { code: 40010 } },
  ])
  expect(fake.calls.map(([name]) => name)).toEqual(['join', 'snapshotCursor'])
})

test('a batch with an unknown token looks it up once and runs the calls that need none', async () => {
  const fake = fakeHub()
  const batch = [request('undo', {}, 1), request('join', { username: 'a' }, 2), request('push', {}, 3)]
  expect(await asking(fake)(batch, { token: 'bad' })).toMatchObject([
    { id: 1, error: { code: 40010 } },
    { id: 2, result: {} },
    { id: 3, error: { code: 40010 } },
  ])
  expect(fake.calls.map(([name]) => name)).toEqual(['enter', 'join', 'snapshotCursor'])
})

test('the signal of the caller reaches a waiting call', async () => {
  const fake = fakeHub()
  const { signal } = new AbortController()
  await asking(fake)(request('check'), { ...good, signal })
  expect(fake.calls.at(-1)).toEqual(['check', {}, { signal }])
})

test('an error of the hub has its number, message and data', async () => {
  const failing = (error: unknown) => asking(fakeHub({ push: () => Promise.reject(error) }))(request('push'))
  const data = { retry_after_ms: 500, unknown: true }
  expect(await failing(new MidsentenceError('unavailable', 'Not now.', { data, cause: new Error('inside') }))).toEqual({
    jsonrpc: '2.0',
    error: { code: 40013, message: 'Not now.', data },
    id: 1,
  })
  const { error } = await failing(new MidsentenceError('no-draft', 'There is nothing to push: append first.'))
  expect(error).toEqual({ code: 40001, message: 'There is nothing to push: append first.' })
})

test.each([
  [
    'thrown',
    () => {
      throw new Error('inside: /etc, token good')
    },
  ],
  ['rejected', () => Promise.reject(new TypeError('inside'))],
  ['no error at all', () => Promise.reject(undefined)],
])('what is no error of ours stays inside: %s', async (_, push) => {
  const faults: string[] = []
  const ask = asking(fakeHub({ push }), { fault: (_, method) => faults.push(method) })
  expect(await ask(request('push'))).toEqual({
    jsonrpc: '2.0',
    error: {
      code: -32603,
      message: 'The server failed; your call was not the cause. Check your draft with preview, then try again.',
    },
    id: 1,
  })
  expect(faults).toEqual(['push'])
})

test('names of prototype members are ordinary keys', async () => {
  const fake = fakeHub()
  const meta = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}')
  const text = '{"jsonrpc":"2.0","id":1,"method":"push","params":{"__proto__":{"key":"k"},"meta":META}}'
  await rpcDispatcher(fake.hub).dispatch(text.replace('META', JSON.stringify(meta)), good)
  const [, given] = fake.calls.at(-1)!
  expect(Object.keys(given as object)).toEqual(['meta'])
  expect(JSON.stringify(given)).toBe(JSON.stringify({ meta }))
  expect({}).not.toHaveProperty('polluted')
})

test('lone surrogates are passed through unchanged', async () => {
  const fake = fakeHub()
  const answer = await rpcDispatcher(fake.hub).dispatch(
    '{"jsonrpc":"2.0","id":"\\ud83d","method":"append","params":{"text":"\\ude00"}}',
    good,
  )
  expect(fake.calls.at(-1)).toEqual(['append', { text: '\ude00' }, {}])
  expect(answer).toContain('"id":"\\ud83d"')
})
