import type { ToolResult } from '@midsentence/agent/tools'
import { AsyncChatRoom } from '@midsentence/client'
import { defaultPolicy, type VirtualClock, virtualClock } from '@midsentence/core'
import { hostedRoomClient, localRoomClient } from '@midsentence/mcp'
import { startServer } from '@midsentence/server'
import { stallingProxy } from '@midsentence/testing/stalling-proxy'
import { expect, onTestFinished, test, vi } from 'vitest'

async function joined() {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  const { joinResult } = await server.hub.join({ username: 'Claude', secret: '0123456789abcdef0123' })
  const client = hostedRoomClient({ url: server.url, token: joinResult.token })
  const ada = new AsyncChatRoom({ url: server.url, username: 'Ada' })
  onTestFinished(() => ada.close())
  const call = (tool: Parameters<typeof client.call>[0], args = {}, signal = new AbortController().signal) =>
    client.call(tool, args, signal)
  await call('who')
  const say = async (text: string) => {
    await ada.append(text)
    return ada.push()
  }
  await ada.append('')
  return { client, ada, call, say, server, token: joinResult.token }
}

/** The read code at the end of a result. */
const codeIn = (text: string) => /Read code: (\S+)\.$/.exec(text)?.[1]

test('[L10] who and a check that brings nothing say who is writing', async () => {
  const { call, server } = await joined()
  const ben = await server.hub.join({ username: 'Ben' })
  await ben.append({ text: 'Hel' })
  await call('append', { text: 'Mine.' })
  expect(await call('check', { timeout_ms: 0 })).toMatchObject({
    text: '* "Ben" is writing. Call check again to go on listening.',
    data: { status: 0, writing: ['Ben'] },
  })
  expect((await call('who')).text).toMatch(/ "Ben" is writing\.$/)
})

test('a client that begins with its model says in its first result what the draft still holds', async () => {
  const { server } = await joined()
  const secret = '0123456789abcdef0123'
  const { joinResult } = await server.hub.join({ username: 'Llama', secret })
  const start = () => hostedRoomClient({ url: server.url, token: joinResult.token, tellsDraft: true })
  const text = async (client = start(), tool: 'append' | 'reset' = 'append') =>
    (await client.call(tool, { text: 'I was ' }, new AbortController().signal)).text
  const first = start()
  const added = '* Added to your draft. Go on, or push to send it.'
  expect([await text(first), await text(first)]).toEqual([added, added])
  expect(await text()).toBe(
    `* Your draft from before is still there, ending with "I was I was "; reset discards it.\n${added}`,
  )
  expect(await text(start(), 'reset')).toBe('* Your draft is empty. Append to start over.')
  expect(await text()).toBe(added)
})

test('[Y5] who and a check that brings nothing say that a person has silenced the models', async () => {
  const { call, server } = await joined()
  const person = await server.hub.join({ username: 'Ben', person: true })
  person.hush(true)
  const silent =
    '* A person has asked the models of this room to be silent: push is refused until a person sends a message. Check to wait for it.'
  expect((await call('check', { timeout_ms: 0 })).text.split('\n')[0]).toBe(silent)
  expect((await call('who')).text.split('\n').at(-1)).toBe(silent)
  for (const [tool, args] of [['append', { text: 'Mine.' }], ['undo'], ['preview'], ['reset']] as const)
    expect((await call(tool, args)).text.split('\n')).toContain(silent)
  await call('append', { text: 'Mine.' })
  expect((await call('push')).text).toMatch(/^\* A person has asked the models of this room to be silent\./)
  person.hush(false)
  const over = '* A person had asked the models of this room to be silent. You may speak again now.'
  expect((await call('append', { text: ' More.' })).text.split('\n')).toContain(over)
  expect((await call('check', { timeout_ms: 0 })).text).not.toContain('silent')
  expect((await call('who')).text).not.toContain('silent')
  expect((await call('push')).text).toBe('* Sent. Check to hear what the others say.')
})

test('[Y5] a hush that begins or ends is the answer of a check that waits', async () => {
  const { call, server } = await joined()
  const person = await server.hub.join({ username: 'Ben', person: true })
  for (const [on, told] of [
    [true, '* A person has asked the models of this room to be silent: push is refused'],
    [false, '* A person had asked the models of this room to be silent. You may speak again now.'],
  ] as const) {
    const checking = call('check', { timeout_ms: 55_000 })
    await vi.waitFor(() => expect(server.hub.admin?.load().waitingChecks).toBe(1))
    person.hush(on)
    expect((await checking).text).toContain(told)
  }
})

test('calls of one turn take effect in order, and a push is held by the messages of a check', async () => {
  const { ada, call, say } = await joined()
  await Promise.all(['Mine, ', 'in ', 'this ', 'order.'].map(text => call('append', { text })))
  await say('Yours.')
  const [checked, pushed] = await Promise.all([call('check'), call('push')])
  expect(checked.text).toMatch(/^Ada: Yours\.\n\* Read code: 1-..\.$/)
  expect(pushed.data).toMatchObject({ status: 0, held: true })
  expect((await call('push', { read: codeIn(pushed.text) })).data).toMatchObject({ status: 1 })
  expect(await ada.check()).toBe('Claude: Mine, in this order.')
})

test('[X2] a push is held by messages of an aborted call, which are shown page by page', async () => {
  const { call, server } = await joined()
  const ben = await server.hub.join({ username: 'Ben' })
  await call('append', { text: 'Mine.' })
  const sayLong = async (letter: string) => {
    for (let n = 0; n < 12; n++) await ben.append({ text: letter.repeat(1000) })
    await ben.push()
  }
  for (const letter of ['a', 'b']) {
    const aborting = new AbortController()
    const aborted = call('check', {}, aborting.signal)
    aborted.catch(() => {})
    aborting.abort()
    await sayLong(letter)
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' })
  }
  const held = await call('push')
  expect(held.data).toMatchObject({ held: true, more: true, messages: [{ seq: 1 }] })
  const next = await call('push', { read: codeIn(held.text) })
  expect(next.data).toMatchObject({ held: true, messages: [{ seq: 2 }] })
  expect(next.text).toMatch(/^Ben: bbb/)
  expect((await call('push', { read: codeIn(next.text) })).data).toMatchObject({ status: 1, messages: [] })
})

test('messages of an aborted call are delivered with the next one', async () => {
  const { call, say, client } = await joined()
  const giving = new AbortController()
  const given = call('check', {}, giving.signal)
  given.catch(() => {})
  giving.abort()
  await say('Are you there?')
  await expect(given).rejects.toMatchObject({ name: 'AbortError' })
  const { text } = await call('append', { text: 'Yes.' })
  expect(text).toMatch(/^Ada: Are you there\?\n\* This came while you were writing/)
  expect((await call('check', { timeout_ms: 0 })).data).toMatchObject({ status: 0, messages: [] })
  expect((await call('push', { read: codeIn(text) })).data).toMatchObject({ status: 1 })
  expect((await client.transcript()).map(({ sender_id, content }) => [sender_id, content])).toEqual([
    ['Ada', 'Are you there?'],
    ['Claude', 'Yes.'],
  ])
})

test('a message is said before the last own one also where another process with the same token sent that', async () => {
  const { call, say, server, token } = await joined()
  const other = hostedRoomClient({ url: server.url, token })
  const { signal } = new AbortController()
  await say('Are you there?')
  const { text } = await other.call('append', { text: 'Yes.' }, signal)
  expect(text).toMatch(/^Ada: Are you there\?/)
  expect((await other.call('push', { read: codeIn(text) }, signal)).text).toMatch(/^\* Sent\./)
  await say('Good.')
  expect((await call('check', { timeout_ms: 0 })).text).toMatch(
    /^\* This was said before your last message:\nAda: Are you there\?\n\* This was said just now:\nAda: Good\.\n/,
  )
})

/** Joins through a proxy whose connections can become half-open. The time limits run on `clock`. */
async function joinedThroughProxy() {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  const { joinResult } = await server.hub.join({ username: 'Claude', secret: '0123456789abcdef0123' })
  const proxy = await stallingProxy(server.url)
  const clock = virtualClock()
  const client = hostedRoomClient({ url: proxy.url, token: joinResult.token, clock })
  const call = (tool: Parameters<typeof client.call>[0], args = {}, signal = new AbortController().signal) =>
    client.call(tool, args, signal)
  const draft = async () => (await server.hub.enter(joinResult.token).preview({})).draft
  await call('who')
  /** Resolves once the call has `count` more connections. */
  const connected = (count: number) => vi.waitFor(() => expect(proxy.connections).toBe(count))
  return { server, proxy, clock, call, draft, connected, before: proxy.connections }
}

test('[N4] on a half-open connection a tool is repeated under its key after 15 s, and acts once', async () => {
  const { proxy, clock, call, draft, connected, before } = await joinedThroughProxy()
  proxy.stall('no-answer')
  const appending = call('append', { text: 'Once.' })
  await connected(before + 1)
  await vi.waitFor(async () => expect(await draft()).toBe('Once.'))
  proxy.heal()
  await clock.advance(15_000)
  expect((await appending).text).toBe('* Added to your draft. Go on, or push to send it.')
  expect(await draft()).toBe('Once.')
})

test('on a dead connection the model reads a sentence, and the same call later acts once', async () => {
  const { proxy, clock, call, draft, connected, before } = await joinedThroughProxy()
  proxy.stall('no-answer')
  const appending = call('append', { text: 'Once.' })
  await connected(before + 1)
  await clock.advance(15_000)
  await connected(before + 2)
  await clock.advance(15_000)
  const { text, failed } = await appending
  expect(failed).toBe(true)
  expect(text).toMatch(
    /^\* It is not certain yet whether this append took effect\. The server at \S+ does not answer: /,
  )
  expect(text).toMatch(/Call append again with the same text to find out: it is done only once\.$/)
  proxy.heal()
  expect((await call('append', { text: 'Once.' })).text).toBe('* Added to your draft. Go on, or push to send it.')
  expect(await draft()).toBe('Once.')
})

test('[N4] a lost answer is requested before another call, and the model reads it', async () => {
  const { server, proxy, clock, call, connected, before } = await joinedThroughProxy()
  await call('append', { text: 'Hello.' })
  proxy.stall('no-answer')
  const pushing = call('push')
  await connected(before + 3)
  await clock.advance(15_000)
  await connected(before + 4)
  await clock.advance(15_000)
  expect((await pushing).text).toContain('whether this push took effect')
  proxy.heal()
  const { text, data } = await call('append', { text: 'And more.' })
  expect(text).toBe(
    '* Your earlier push is answered now:\n* Sent. Check to hear what the others say.\n* Added to your draft. Go on, or push to send it.',
  )
  expect(data).toMatchObject({ cursor: 1 })
  expect((await server.hub.join({ username: 'Ada' })).joinResult.cursor).toBe(1)
})

test('a check waits in slices of 15 s; its lost answer is requested again', async () => {
  const { server, proxy, clock, call, connected, before } = await joinedThroughProxy()
  const { session } = await server.hub.join({ username: 'Ada' }).then(({ joinResult }) => ({
    session: server.hub.enter(joinResult.token),
  }))
  proxy.stall('no-answer')
  const checking = call('check', { timeout_ms: 25_000 })
  await connected(before + 1)
  await vi.waitFor(() => expect(server.hub.admin!.load().waitingChecks).toBe(1))
  await session.append({ text: 'Are you there?' })
  await session.push({})
  await vi.waitFor(() => expect(server.hub.admin!.load().waitingChecks).toBe(0))
  proxy.heal()
  await clock.advance(30_000)
  expect((await checking).text).toMatch(/^Ada: Are you there\?\n\* Read code: 1-..\.$/)
})

/** Passes time in small steps until all `answers` have settled. Returns them with the seconds that passed. */
async function settled(clock: VirtualClock, ...answers: readonly Promise<ToolResult>[]) {
  const began = clock.monotonic()
  const results: { answer: ToolResult; seconds: number }[] = []
  for (const [at, answer] of answers.entries()) {
    void answer.then(answer => {
      results[at] = { answer, seconds: (clock.monotonic() - began) / 1000 }
    })
  }
  const isDone = () => answers.every((_, at) => results[at])
  while (!isDone()) {
    await clock.advance(500)
    await new Promise(resolve => setImmediate(resolve))
  }
  return results
}

const oneOfEach = ['append', 'push', 'undo', 'who', 'check', 'preview', 'reset'] as const

test('on a half-open connection every call of a turn answers within 60 s, and what it says stays true', async () => {
  const { server, proxy, clock, call, draft } = await joinedThroughProxy()
  await call('append', { text: 'First. ' })
  proxy.stall('silent', 'now')
  const answers = oneOfEach.map(tool => call(tool, { text: tool === 'append' ? 'Second.' : null, timeout_ms: 55_000 }))
  const results = await settled(clock, ...answers)
  for (const [at, { answer, seconds }] of results.entries()) {
    const sentence = /^\* (It is not certain yet whether this|Nothing was done\.|The server at \S+ does not answer)/
    expect([oneOfEach[at], answer.failed, sentence.test(answer.text), seconds < 60]).toEqual([
      ...[oneOfEach[at], true, true, true],
    ])
  }
  expect(results[0]!.answer.text).toMatch(/Call append again with the same text to find out: it is done only once\.$/)
  const undone = results[oneOfEach.indexOf('undo')]!.answer.text
  expect(undone).toMatch(/^\* Nothing was done\. The server at \S+ does not answer\. Call undo again\.$/)
  proxy.heal()
  // The first append is repeated under its key, and nothing else of that turn.
  const again = await settled(clock, call('append', { text: 'Second.' }))
  expect(again[0]!.answer.text).toBe('* Added to your draft. Go on, or push to send it.')
  expect(await draft()).toBe('First. Second.')
  expect((await server.hub.join({ username: 'Ada' })).joinResult.cursor).toBe(0)
})

test('a check on a dead connection shows at its limit what is known already', async () => {
  const { server, proxy, clock, call } = await joinedThroughProxy()
  const ada = await server.hub.join({ username: 'Ada' })
  const given = new AbortController()
  const aborted = call('check', { timeout_ms: 20_000 }, given.signal)
  aborted.catch(() => {})
  await vi.waitFor(() => expect(server.hub.admin!.load().waitingChecks).toBe(1))
  given.abort()
  await ada.append({ text: 'Are you there?' })
  await ada.push()
  await expect(aborted).rejects.toMatchObject({ name: 'AbortError' })
  proxy.stall('silent', 'now')
  const results = await settled(clock, call('check', { timeout_ms: 55_000 }))
  expect(results[0]!.seconds).toBeLessThan(60)
  expect(results[0]!.answer.text).toMatch(/^Ada: Are you there\?\n\* Read code: 1-..\.$/)
})

test.each(['hosted', 'local'])(
  '[A7] [I1] a %s client marks what was said before, and says that drafts are recorded',
  async kind => {
    const policy = { ...defaultPolicy, access: () => ({ history: true, observable: true, recorded: true }) }
    const server = await startServer({ port: 0, rooms: { policy } })
    onTestFinished(() => server.close())
    const ada = new AsyncChatRoom({ url: server.url, username: 'Ada' })
    onTestFinished(() => ada.close())
    await ada.append('Before.')
    await ada.push()
    const secret = '0123456789abcdef0123'
    const client =
      kind === 'hosted'
        ? hostedRoomClient({
            url: server.url,
            token: (await server.hub.join({ username: 'Claude', secret, last: 20 })).joinResult.token,
          })
        : localRoomClient(new AsyncChatRoom({ url: server.url, username: 'Claude', since: { last: 20 } }))
    onTestFinished(() => client.close())
    const call = (tool: 'append' | 'check' | 'push', args = {}, signal = new AbortController().signal) =>
      client.call(tool, args, signal)
    const aborted = new AbortController()
    const lost = call('append', { text: 'Lost answer. ' }, aborted.signal)
    lost.catch(() => {})
    aborted.abort()
    await expect(lost).rejects.toMatchObject({ name: 'AbortError' })
    const { text, data } = await call('append', { text: 'Mine.' })
    expect(text).toMatch(
      /^\* This was said before you came:\nAda: Before\.\n\* This room is recorded: observers see your draft while you write it, and it is kept for a while, also what you take back\.\n\* Added to your draft\. Go on, or push to send it\.\n\* Read code: 1-..\.$/,
    )
    expect(data).toMatchObject({ history: 1, observable: true, recorded: true })
    expect((await call('push')).text).toBe('* Sent. Check to hear what the others say.')
  },
)
