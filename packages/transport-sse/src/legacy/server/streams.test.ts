import { virtualClock } from '@midsentence/core'
import { type LegacyReader, legacyServer } from '@midsentence/testing/legacy/legacy-server'
import { expect, test } from 'vitest'

const joined = (name: string) => `Server: ${name} has joined the chat`
const left = (name: string) => `Server: ${name} has left the chat`
/** What people userLines. */
const userLines = ({ lines }: LegacyReader) => lines.filter(line => !line.startsWith('Server: '))
const upTo = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1}`)

test('every client receives every message, own ones included, after its own join', async () => {
  const { register, send, stream } = await legacyServer()
  await register('Ada')
  await register('Bob')
  const [ada, bob] = [stream('Ada'), stream('Bob')]
  await Promise.all([ada.has(2), bob.has(1)])
  await send('Ada', 'hello')
  await send('Bob', 'hi')
  expect((await ada.has(4)).lines).toEqual([joined('Ada'), joined('Bob'), 'Ada: hello', 'Bob: hi'])
  expect((await bob.has(3)).lines).toEqual([joined('Bob'), 'Ada: hello', 'Bob: hi'])
})

test('the head equals that of the existing server and forbids caching and buffering', async () => {
  const { register, stream } = await legacyServer()
  await register('Ada')
  const reader = await stream('Ada').begun()
  const head = reader.client.received.toLowerCase().split('\r\n\r\n')[0]!.split('\r\n')
  expect(head).toEqual(
    expect.arrayContaining([
      'http/1.1 200 ok',
      'content-type: text/event-stream; charset=utf-8',
      'cache-control: no-store, no-transform',
      'x-accel-buffering: no',
    ]),
  )
})

test('[Q1] an event is an array of sender, content and the time of day', async () => {
  const clock = virtualClock(new Date(2026, 2, 4, 5, 6, 7).getTime())
  const { register, send, stream } = await legacyServer({ clock })
  await register('Ada')
  await send('Ada', 'hello')
  await send('Ada', 'there')
  const timestamp = '05:06:07'
  const { arrays } = await stream('Ada').has(3)
  expect(arrays).toEqual([
    [{ sender: 'Server', content: 'Ada has joined the chat', timestamp }],
    // Queued messages share one event.
    [
      { sender: 'Ada', content: 'hello', timestamp },
      { sender: 'Ada', content: 'there', timestamp },
    ],
  ])
})

test('no message or name can end its line or begin another', async () => {
  const breaks = [
    '\r',
    '\n',
    '\r\n',
    '\0',
    '\u000b',
    '\u000c',
    '\u001c',
    '\u0085',
    '\u2028',
    '\u2029',
    '\ufeff',
    '\u007f',
  ]
  const attack = `${breaks.map(line => `x${line}data: [forged]${line}${line}id: 9${line}:`).join('')}"\\é😀`
  const { hub, register, send, stream } = await legacyServer()
  await register('Zoë "data:')
  await register('Zoë "data')
  const native = await hub.join({ username: '"}],é data' })
  await native.publish({ content: attack, base: 0, key: 'k' })
  await send('Zoë "data', attack)
  const reader = await stream('Zoë "data').has(4)
  expect(reader.arrays.flat().map(({ sender, content }) => [sender, content])).toEqual([
    ['Server', 'Zoë "data has joined the chat'],
    ['Server', '"}],é data has joined the chat'],
    ['"}],é data', attack],
    ['Zoë "data', attack],
  ])
  expect(reader.body).toMatch(/^[\n\x20-\x7e]*$/)
  for (const line of reader.body.split('\n')) expect(line).toMatch(/^(|data: \[\{.*\}\]|: keepalive)$/)
})

test('messages sent while no stream is open are queued', async () => {
  const { register, unregister, send, stream, broken } = await legacyServer()
  await register('Ada')
  await register('Bob')
  await send('Bob', 'early')
  const first = await stream('Ada').has(3)
  await broken(first)
  await send('Bob', 'while away')
  await register('Cy')
  await unregister('Bob')
  const second = await stream('Ada').has(3)
  expect(first.lines).toEqual([joined('Ada'), joined('Bob'), 'Bob: early'])
  expect(second.lines).toEqual([joined('Cy'), 'Bob: while away', left('Bob')])
})

test('a stream begins at the registration', async () => {
  const { register, unregister, send, stream } = await legacyServer()
  await register('Bob')
  await send('Bob', 'before')
  await register('Ada')
  await send('Bob', 'after')
  expect((await stream('Ada').has(2)).lines).toEqual([joined('Ada'), 'Bob: after'])
  await unregister('Ada')
  await send('Bob', 'between')
  await register('Ada')
  await send('Bob', 'again')
  expect((await stream('Ada').has(2)).lines).toEqual([joined('Ada'), 'Bob: again'])
})

test('two streams of one name both receive everything', async () => {
  const { register, unregister, send, stream } = await legacyServer()
  await register('Ada')
  await register('Bob')
  const both = [await stream('Ada').has(2), await stream('Ada').begun()]
  for (const word of upTo(20)) await send('Bob', word)
  await unregister('Bob')
  for (const reader of both) {
    await reader.until(({ lines }) => lines.includes(left('Bob')))
    expect(userLines(reader)).toEqual(upTo(20).map(word => `Bob: ${word}`))
  }
})

test('streams that break repeatedly lose and repeat no queued message', async () => {
  const { register, send, stream, broken } = await legacyServer()
  await register('Ada')
  await register('Bob')
  const received: string[] = []
  for (let round = 1; round <= 20; round++) {
    await send('Bob', `waited ${round}`)
    const reader = stream('Ada')
    await send('Bob', `live ${round}`)
    await reader.until(reader => userLines(reader).length >= 2)
    received.push(...userLines(reader))
    await broken(reader)
  }
  expect(received).toEqual(upTo(20).flatMap(round => [`Bob: waited ${round}`, `Bob: live ${round}`]))
})

test('one timer writes keepalives every second to idle streams', async () => {
  const clock = virtualClock()
  const { register, send, stream } = await legacyServer({ clock })
  const names = upTo(20).map(word => `Ada${word}`)
  await register(...names)
  const waiting = clock.pending
  const readers = names.map(name => stream(name))
  await Promise.all(readers.map(reader => reader.has(1)))
  // The hub's own timers wait for idle sessions, and now there is none.
  expect(clock.pending).toBeLessThanOrEqual(waiting + 1)
  for (const beats of [1, 2, 3]) {
    await clock.advance(1000)
    await Promise.all(readers.map(reader => reader.until(({ keepalives }) => keepalives === beats)))
  }
  await send('Ada1', 'hello')
  await Promise.all(readers.map(reader => reader.until(({ lines }) => lines.at(-1) === 'Ada1: hello')))
  await clock.advance(1000)
  await send('Ada1', 'more')
  await Promise.all(readers.map(reader => reader.until(({ lines }) => lines.at(-1) === 'Ada1: more')))
  expect(readers.map(({ keepalives }) => keepalives)).toEqual(names.map(() => 3))
})

test('an idle stream sends a keepalive at once', async () => {
  const { register, stream } = await legacyServer({ clock: virtualClock() })
  await register('Ada')
  await stream('Ada').has(1)
  const second = await stream('Ada').begun()
  expect(second.body).toBe(': keepalive\n\n')
})

test('unregister ends every stream of the name after its queued messages', async () => {
  const { register, unregister, send, stream } = await legacyServer()
  await register('Ada')
  await register('Bob')
  const [one, two, bob] = [await stream('Ada').begun(), await stream('Ada').begun(), await stream('Bob').begun()]
  await send('Bob', 'bye')
  await unregister('Ada')
  for (const reader of [one, two]) {
    await reader.until(({ ended }) => ended)
    expect(reader.lines.at(-1)).toBe('Bob: bye')
  }
  await bob.until(({ lines }) => lines.at(-1) === left('Ada'))
  expect(bob.ended).toBe(false)
})

test('a reader that disconnects is released, also while its stream is about to begin', async () => {
  const clock = virtualClock()
  const { register, send, stream, broken, deserted } = await legacyServer({ clock })
  await register('Ada')
  const timers = clock.pending
  await broken(await stream('Ada').begun())
  for (let round = 0; round < 20; round++) {
    const hasty = stream('Ada')
    await new Promise(connected => hasty.client.socket.once('connect', connected))
    hasty.client.socket.resetAndDestroy()
  }
  await deserted()
  expect(clock.pending).toBe(timers)
  for (const word of upTo(20)) await send('Ada', word)
  const { lines } = await stream('Ada').until(({ lines }) => lines.at(-1) === 'Ada: 20')
  expect(lines).toEqual(upTo(20).map(word => `Ada: ${word}`))
})
