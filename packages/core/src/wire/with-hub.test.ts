import { expect, onTestFinished, test } from 'vitest'
import { callCosts } from '../hub/access/call-cost.ts'
import { openHub } from '../hub/index.ts'
import { virtualClock } from '../memory/virtual-clock.ts'
import { defaultPolicy, type Policy } from '../ports/policy.ts'
import { rpcDispatcher } from './dispatcher.ts'
import { methods } from './methods/all-methods.ts'

/** A room whose joined callers are addressed by name. */
async function room(policy: Partial<Policy> = {}) {
  const clock = virtualClock()
  const hub = await openHub({ clock, policy: { ...defaultPolicy, ...policy } })
  onTestFinished(() => hub.close())
  const { dispatch } = rpcDispatcher(hub)
  const tokens = new Map<string, string>()
  const post = async (who: string, what: unknown) => {
    const token = tokens.get(who)
    const answer = await dispatch(JSON.stringify(what), { token })
    return answer === undefined ? undefined : JSON.parse(answer)
  }
  const call = async (who: string, method: string, params?: object) => {
    const { result, error } = await post(who, { jsonrpc: '2.0', id: 1, method, params })
    const schema = methods.find(({ name }) => name === method)?.result
    if (result) expect([method, schema?.safeParse(result).error]).toEqual([method, undefined])
    return result ?? { error }
  }
  const join = async (username: string, more?: object) => {
    const answer = await call(username, 'join', { username, ...more })
    if (answer.token) tokens.set(username, answer.token)
    return answer
  }
  return { clock, hub, dispatch, post, call, join, tokens }
}

test('[P7] [L6] every result of a conversation fits the document', async () => {
  const { call, join } = await room()
  expect(await join('Claude')).toMatchObject({ room: 'lobby', sender_id: 'Claude', cursor: 0, policy: 'hold' })
  await join('GPT')
  await call('Claude', 'append', { text: 'maintaining coherence long enough to—' })
  await call('GPT', 'append', { text: 'decoherence could be addressed by—' })
  expect(await call('GPT', 'push')).toMatchObject({ status: 1, seq: 1 })
  expect(await call('Claude', 'push')).toMatchObject({
    status: 0,
    held: true,
    messages: [{ sender_id: 'GPT', seq: 1 }],
  })
  expect(await call('Claude', 'undo')).toMatchObject({ status: 1, suffix: '', messages: [] })
  await call('Claude', 'append', { text: '—actually, I just saw your message.' })
  expect(await call('Claude', 'preview')).toMatchObject({ draft: '—actually, I just saw your message.' })
  expect(await call('Claude', 'push')).toMatchObject({ status: 1, seq: 2 })
  expect(await call('GPT', 'check')).toMatchObject({ status: 1, messages: [{ sender_id: 'Claude', seq: 2, base: 1 }] })
  expect(await call('GPT', 'publish', { content: 'yes', base: 2, key: 'k' })).toMatchObject({ status: 1, seq: 3 })
  expect(await call('GPT', 'who')).toMatchObject({ participants: [{ sender_id: 'Claude' }, { sender_id: 'GPT' }] })
  expect(await call('GPT', 'yield')).toEqual({ status: 0 })
  expect(await call('GPT', 'reset')).toMatchObject({ status: 1, suffix: '' })
  expect(await call('GPT', 'draft', { facts: [], rev: 0 })).toEqual({ status: 1 })
  expect(await call('GPT', 'leave')).toEqual({ status: 1 })
  expect(await call('GPT', 'who')).toMatchObject({ error: { code: 40010 } })
})

test('[Z1] each session error has its number and a message', async () => {
  const { call, join } = await room({
    content: content => (content.includes('bad') ? { allowed: false, reason: 'it is bad' } : { allowed: true }),
    access: room => ({ open: room !== 'closed' }),
  })
  await join('Claude')
  const sentence = expect.stringMatching(/^[A-Z].*\.$/s)
  const failing = async (method: string, params?: object, who = 'Claude') => {
    const { error } = await call(who, method, params)
    expect(error.message).toEqual(sentence)
    return error.code
  }
  expect(await failing('push')).toBe(40001)
  await call('Claude', 'append', { text: 'bad' })
  expect(await failing('push')).toBe(40004)
  expect(await failing('undo', {}, 'unknown')).toBe(40010)
  expect(await failing('join', { username: 'claude' })).toBe(40011)
  expect(await failing('join', { username: 'a:b' })).toBe(40011)
  expect(await failing('join', { username: 'x', room: 'closed' })).toBe(40012)
  expect(await failing('undo', { after: 7 })).toBe(-32602)
  expect(await failing('push', { meta: { a: { b: { c: { d: { e: 1 } } } } } })).toBe(-32602)
  expect(await failing('publish', { content: 'x'.repeat(20_001), base: 0, key: 'k' })).toBe(-32602)
})

test('[W2] a batch of check and push does not push past the messages of its check', async () => {
  const { post, call, join } = await room()
  await join('Claude')
  await join('GPT')
  await call('GPT', 'append', { text: 'first' })
  await call('GPT', 'push')
  const request = (method: string, id: number, params?: object) => ({ jsonrpc: '2.0', method, params, id })
  const answers = await post('Claude', [
    request('append', 1, { text: 'second' }),
    request('check', 2),
    request('push', 3),
  ])
  expect(answers).toMatchObject([
    { id: 1, result: { status: 1, messages: [{ seq: 1 }] } },
    { id: 2, result: { status: 0, messages: [] } },
    { id: 3, result: { status: 0, held: true } },
  ])
  expect(await call('Claude', 'push')).toMatchObject({ status: 1, seq: 2 })
})

test('a batch without leave ends with any calls', async () => {
  const { post, join } = await room()
  await join('Claude')
  const calls = ['check', 'push', 'check', 'append', 'push', 'resume', 'check', 'preview', 'yield', 'undo', 'who']
  const batch = calls.map((method, id) => ({ jsonrpc: '2.0', method, params: { text: 'a' }, id }))
  const answers = await post('Claude', batch)
  expect(answers.map(({ id }: { id: number }) => id)).toEqual(calls.map((_, id) => id))
})

test('a batch with leave ends', async () => {
  const { post, join } = await room()
  await join('Claude')
  const batch = ['append', 'push', 'leave', 'undo'].map((method, id) => ({
    jsonrpc: '2.0',
    method,
    params: { text: 'a' },
    id,
  }))
  const answers = await post('Claude', batch)
  expect(answers).toHaveLength(4)
  expect(answers[2]).toMatchObject({ id: 2, result: { status: 1 } })
  expect(answers[3]).toMatchObject({ id: 3, error: { code: 40010 } })
})

test('[W3] notifications act, return nothing and move no cursor', async () => {
  const { post, call, join } = await room()
  await join('Claude')
  await join('GPT')
  await call('GPT', 'append', { text: 'hello' })
  await call('GPT', 'push')
  const notify = (method: string, params?: object) => post('Claude', { jsonrpc: '2.0', method, params })
  for (const method of ['check', 'preview', 'who']) expect(await notify(method)).toBeUndefined()
  expect(await notify('append', { text: 'one' })).toBeUndefined()
  expect(await notify('append', { text: 'two' })).toBeUndefined()
  expect(await notify('undo')).toBeUndefined()
  expect(await call('Claude', 'preview')).toMatchObject({ draft: 'one', messages: [{ content: 'hello' }] })
})

test('[C4] a check of a disconnected caller returns nothing, and the next check returns everything', async () => {
  const { dispatch, tokens, call, join, clock } = await room()
  await join('Claude')
  await join('GPT')
  const gone = new AbortController()
  const waiting = dispatch('{"jsonrpc":"2.0","method":"check","id":1}', {
    token: tokens.get('Claude'),
    signal: gone.signal,
  })
  await clock.settle()
  gone.abort()
  expect(JSON.parse((await waiting)!)).toMatchObject({ result: { status: 0, messages: [] } })
  await call('GPT', 'append', { text: 'hello' })
  await call('GPT', 'push')
  expect(await call('Claude', 'check')).toMatchObject({ status: 1, messages: [{ content: 'hello' }] })
})

test('a join by secret returns the current cursor', async () => {
  const { call, join } = await room()
  const secret = '0123456789abcdef'
  const first = await join('Claude', { secret })
  await join('GPT')
  await call('GPT', 'append', { text: 'hello' })
  await call('GPT', 'push')
  await call('Claude', 'append', { text: 'mid' })
  const again = await join('Claude', { secret })
  expect([first.cursor, again.cursor, again.token]).toEqual([0, 1, first.token])
  expect(await call('Claude', 'resume')).toMatchObject({ token: first.token, suffix: 'mid', cursor: 1 })
})

test('[D6] a preview returns the whole draft, its length, and its segments with their bases', async () => {
  const { call, join } = await room()
  await join('Claude')
  await join('GPT')
  await call('Claude', 'append', { text: '👩‍👩‍👧 one' })
  await call('GPT', 'append', { text: 'hello' })
  await call('GPT', 'push')
  await call('Claude', 'check')
  await call('Claude', 'append', { text: ', two' })
  const preview = {
    status: 1,
    draft: '👩‍👩‍👧 one, two',
    length: 14,
    segments: [
      { length: 9, base: 0 },
      { length: 5, base: 1 },
    ],
    suffix: '👩‍👩‍👧 one, two',
    messages: [],
    cursor: 1,
  }
  expect(await call('Claude', 'preview')).toEqual(preview)
  expect(await call('Claude', 'preview')).toEqual(preview)
})

test('[W7] [H1] unknown members are ignored and bypass no hold', async () => {
  const { post, call, join } = await room()
  await join('Claude', { colour: 'red' })
  await join('GPT')
  for (const text of ['one', 'two']) {
    await call('Claude', 'append', { text: 'x', force: true })
    await call('GPT', 'append', { text })
    await call('GPT', 'push')
    const push = { jsonrpc: '2.0', id: 1, method: 'push', params: { force: true, overwrite: 1 }, force: true }
    expect(await post('Claude', push)).toMatchObject({ result: { held: true, messages: [{ content: text }] } })
  }
})

test.each([
  [16 * 1024, 40_003],
  [1e12, undefined],
])('[Y1] an answer counts a call per %d characters', async (charactersOut, code) => {
  const clock = virtualClock()
  const hub = await openHub({ clock, rateLimit: { per_second: 1, burst: 40 } })
  onTestFinished(() => hub.close())
  const { joinResult } = await hub.join({ username: 'Ada' })
  const { dispatch } = rpcDispatcher(hub)
  const call = async (method: string, params?: object) =>
    JSON.parse((await dispatch(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), joinResult))!)
  for (let segment = 0; segment < 20; segment++) await call('append', { text: 'x'.repeat(1000) })
  const normal = { ...callCosts }
  Object.assign(callCosts, { charactersOut })
  onTestFinished(() => void Object.assign(callCosts, normal))
  // About 14 calls are left, since appends are charged for their characters. 7 previews of 20,000 characters cost 15.
  for (let times = 0; times < 7; times++) await call('preview')
  expect((await call('who')).error?.code).toBe(code)
})
