import {
  isMidsentenceError,
  join,
  MidsentenceError,
  memoryJournal,
  type Transport,
  virtualClock,
} from '@midsentence/core'
import { mockRoom } from '@midsentence/transport-mock'
import { expect, onTestFinished, test, vi } from 'vitest'
import { AsyncChatRoom, type AsyncChatRoomOptions } from './async-chat-room.ts'

/** Creates a room with the participant GPT and an AsyncChatRoom of Claude. */
async function setUp(options: AsyncChatRoomOptions = {}) {
  const clock = virtualClock()
  const room = mockRoom({ clock, latency: 1 })
  const gpt = await join({ transport: room.peer(), username: 'GPT', clock })
  const claude = new AsyncChatRoom({ transport: () => room.peer(), username: 'Claude', clock, ...options })
  const soon = async <A>(promise: Promise<A>): Promise<A> => {
    await clock.advance(1000)
    return promise
  }
  const say = (text: string) => {
    void gpt.append(text)
    return soon(gpt.push())
  }
  return { clock, room, gpt, claude, soon, say }
}

/** Returns a factory of transports; the first `failures` of them fail to connect. */
function failingTransports(failures: number, next: () => Transport) {
  let count = 0
  return () => {
    const transport = next()
    if (++count > failures) return transport
    transport.open = () => Promise.reject(new MidsentenceError('unavailable', 'No server answers: start one.'))
    return transport
  }
}

const abortError = { name: 'AbortError' }

test('a conversation reads as documented', async () => {
  const { claude, soon, say, room } = await setUp()
  await soon(claude.undo())
  const waiting = claude.check()
  await say('anyone here?')
  expect(await waiting).toBe('GPT: anyone here?')
  expect(await claude.append("yeah, i'm here")).toBe('')
  expect(await soon(claude.push())).toBe('')
  expect(await claude.append('nothing much')).toBe('')
  await say('did anything\ninteresting recently?')
  expect(await claude.preview()).toBe(
    'GPT: did anything\n    interesting recently?\n* Your draft so far:\n    nothing much',
  )
  expect(await claude.undo()).toBe('')
  expect(await claude.append('I started using this cool app')).toBe('')
  expect(await claude.reset()).toBe('')
  expect(await soon(claude.push())).toBe('* There is nothing to send yet: append something first.')
  expect(room.messages.map(message => message.content)).toHaveLength(3)
})

test('actions without await keep their order, also before the connection', async () => {
  const { claude, soon, room } = await setUp()
  const { signal } = new AbortController()
  const calls = [
    claude.append('a'),
    claude.append('b'),
    claude.undo(),
    claude.push({ signal }),
    claude.append('c'),
    claude.push({ meta: { n: 2 } }),
    claude.preview(),
    claude.check({ timeout_ms: 10 }),
  ]
  expect(await soon(Promise.all(calls))).toEqual(['', '', '', '', '', '', '* Your draft is empty.', ''])
  expect(room.messages.map(({ content, meta }) => [content, meta])).toEqual([
    ['a', undefined],
    ['c', { n: 2 }],
  ])
})

test('a held push says so and keeps the draft', async () => {
  const { claude, soon, gpt, room } = await setUp()
  await soon(claude.append('mine'))
  await gpt.append('yours')
  const first = gpt.push()
  expect(await soon(claude.push())).toBe(
    'GPT: yours\n* Not sent yet: 1 message arrived while you were writing. Your draft is kept. Push again to send it as it is, or undo, append or reset first.',
  )
  expect(await first).toMatchObject({ status: 1 })
  expect(await soon(claude.push())).toBe('')
  expect(room.messages.map(message => message.content)).toEqual(['yours', 'mine'])
})

test('if connecting fails every waiting action says so, and the next one tries again', async () => {
  const { room, soon, clock } = await setUp()
  const transport = vi.fn(failingTransports(1, () => room.peer()))
  const claude = new AsyncChatRoom({ transport, username: 'Claude', clock, journal: memoryJournal() })
  const sentence = '* No server answers: start one.'
  expect(await soon(Promise.all([claude.append('a'), claude.check()]))).toEqual([sentence, sentence])
  expect(transport).toHaveBeenCalledTimes(1)
  expect(await soon(claude.append('b'))).toBe('')
  expect(await soon(claude.preview())).toBe('* Your draft so far:\n    b')
  expect(transport).toHaveBeenCalledTimes(2)
})

test('a transport that is not a function is tried once', async () => {
  const { room, soon, clock } = await setUp()
  const claude = new AsyncChatRoom({ transport: failingTransports(1, () => room.peer())(), username: 'Claude', clock })
  expect(await soon(claude.append('a'))).toBe('* No server answers: start one.')
  expect(await soon(claude.append('a'))).toBe('* No server answers: start one.')
})

test('with a journal the draft continues after a restart', async () => {
  const { room, soon, clock } = await setUp()
  const journal = memoryJournal()
  const before = new AsyncChatRoom({ transport: () => room.peer(), username: 'Gemini', clock, journal })
  await soon(before.append('half a '))
  await soon(before.close())
  const after = new AsyncChatRoom({ transport: () => room.peer(), username: 'Gemini', clock, journal })
  await soon(after.append('sentence'))
  expect(await soon(after.preview())).toBe('* Your draft so far:\n    half a sentence')
})

test('after close actions say so, waiting calls end and the name is free', async () => {
  const journal = memoryJournal()
  const closed = vi.spyOn(journal, 'close')
  const { claude, soon, room, clock } = await setUp({ journal })
  const waiting = soon(claude.check())
  await clock.settle()
  await soon(Promise.all([claude.close(), claude.close(), claude[Symbol.asyncDispose]()]))
  expect(await waiting).toBe('')
  expect(closed).toHaveBeenCalledTimes(1)
  for (const call of [claude.append('a'), claude.check(), claude.push(), claude.preview()]) {
    expect(await call).toBe('* You have left this room. Open it again to go on.')
  }
  expect(isMidsentenceError(await claude.participant().catch(error => error))).toBe(true)
  const again = new AsyncChatRoom({ transport: () => room.peer(), username: 'Claude', clock })
  expect((await soon(again.participant())).name).toBe('Claude')
})

test('a room that was never used closes without connecting', async () => {
  const { claude, room } = await setUp()
  const peer = vi.spyOn(room, 'peer')
  await claude.close()
  expect(peer).not.toHaveBeenCalled()
})

test('a signal aborts one call, before and after the connection', async () => {
  const { claude, soon } = await setUp()
  const early = new AbortController()
  const first = claude.check({ signal: early.signal })
  early.abort()
  await expect(first).rejects.toMatchObject(abortError)
  await soon(claude.append('a'))
  const late = new AbortController()
  const second = claude.check({ signal: late.signal })
  await soon(Promise.resolve())
  late.abort()
  await expect(second).rejects.toMatchObject(abortError)
  await expect(claude.push({ signal: late.signal })).rejects.toMatchObject(abortError)
  expect(await claude.preview()).toBe('* Your draft so far:\n    a')
})

test('the signal of the room aborts every call and closes it', async () => {
  const { signal, controller } = createSignal()
  const { claude, soon } = await setUp({ signal })
  const waiting = claude.check({ signal: new AbortController().signal })
  await soon(claude.append('a'))
  controller.abort()
  await expect(waiting).rejects.toMatchObject(abortError)
  expect(await soon(claude.append('b'))).toBe('* You have left this room. Open it again to go on.')
  const never = new AsyncChatRoom({ signal })
  expect(await never.append('c')).toBe('* You have left this room. Open it again to go on.')
})

test('misuse rejects with a TypeError', async () => {
  const { claude, soon, clock } = await setUp()
  const wrong = expect(claude.append(1 as never)).rejects.toThrow(TypeError)
  await soon(Promise.resolve())
  await wrong
  await expect(new AsyncChatRoom({ url: 'lobby', clock }).check()).rejects.toThrow(/takes the address of a server/)
  await expect(new AsyncChatRoom({ url: 'ftp://host', clock }).check()).rejects.toThrow(TypeError)
})

test('name and address come from the options, then the environment, then the defaults', async () => {
  const { room, clock, soon } = await setUp()
  onTestFinished(() => void vi.unstubAllEnvs())
  vi.stubEnv('MIDSENTENCE_NAME', '')
  vi.stubEnv('MIDSENTENCE_URL', 'nowhere')
  const guest = await soon(new AsyncChatRoom({ transport: room.peer(), clock }).participant())
  expect(guest.name).toMatch(/^guest-[a-z2-7]{6}$/)
  vi.stubEnv('MIDSENTENCE_NAME', 'Gemini')
  const named = await soon(new AsyncChatRoom({ transport: room.peer(), clock }).participant())
  expect(named.name).toBe('Gemini')
  await expect(new AsyncChatRoom({ clock }).check()).rejects.toThrow(/not "nowhere"/)
  vi.stubEnv('MIDSENTENCE_URL', 'http://127.0.0.1:8890,elsewhere')
  await expect(new AsyncChatRoom({ clock }).check()).rejects.toThrow(/not "elsewhere"/)
})

function createSignal() {
  const controller = new AbortController()
  return { controller, signal: controller.signal }
}
