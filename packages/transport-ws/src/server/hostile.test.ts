import { virtualClock } from '@midsentence/core'
import { StreamingHub } from '@midsentence/testing/sse/streaming-hub'
import { frame, type RawSocket } from '@midsentence/testing/ws/raw-socket'
import { serveWs } from '@midsentence/testing/ws/serve-ws'
import { expect, test, vi } from 'vitest'

const isClosed = ({ closed }: RawSocket) => closed
const begun = ({ received }: RawSocket) => received.some(({ method }) => method === 'welcome')
const answers = ({ received }: RawSocket) => received.filter(each => 'error' in each || 'result' in each)

const inside = async (options?: Parameters<typeof serveWs>[1]) => {
  const fake = new StreamingHub()
  const serving = await serveWs(fake.hub, options)
  return { ...serving, fake, socket: await serving.enter().until(begun) }
}

test.each([
  ['binary', [frame('{}', { opcode: 2 })], 1003],
  ['not UTF-8', [frame(Buffer.from([0xff, 0xfe]))], 1007],
  ['without a mask', [frame('{}', { masked: false })], 1002],
  ['with a bit that means nothing', [frame('{}', { rsv: 0x20 })], 1002],
  ['compressed', [frame('{}', { rsv: 0x40 })], 1002],
  ['of an unknown kind', [frame('{}', { opcode: 5 })], 1002],
  ['the rest of nothing', [frame('{}', { opcode: 0 })], 1002],
  ['begun twice', [frame('{', { fin: false }), frame('}')], 1002],
  ['a ping in pieces', [frame('', { opcode: 9, fin: false })], 1002],
  ['a ping that is too long', [frame('x'.repeat(126), { opcode: 9 })], 1002],
  ['of more bytes than a draft can have', [frame(Buffer.alloc(16 * 20_000 + 64 * 1024 + 1, 32))], 1009],
  [
    'too long in pieces',
    Array.from({ length: 7 }, () => frame(Buffer.alloc(65_535, 32), { fin: false, opcode: 0 })),
    1009,
  ],
  ['in a thousand pieces of nothing', Array.from({ length: 1000 }, () => frame('', { fin: false, opcode: 0 })), 1008],
])('a frame %s closes its own socket with a code, and no other', async (_, frames, code) => {
  const { fake, socket, enter } = await inside()
  const other = await enter().until(begun)
  const pieces = frames.length > 2 ? [frame(' ', { fin: false }), ...frames] : frames
  socket.send(...pieces)
  await socket.until(isClosed)
  expect(socket.closing?.[0]).toBe(code)
  if (code === 1003) expect(answers(socket)).toMatchObject([{ id: null, error: { code: -32600 } }])
  fake.say('still here')
  await other.until(({ seqs }) => seqs.length === 1)
  expect(fake.readers.size).toBe(1)
})

test('an impossible frame length is rejected before allocation', async () => {
  const { socket } = await inside()
  socket.send(Buffer.from([0x81, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255]))
  await socket.until(isClosed)
  expect(socket.closing?.[0]).toBe(1009)
})

test.each([
  ['garbage', '}{', -32700, null],
  ['nothing', '', -32700, null],
  ['an empty batch', '[]', -32600, null],
  ['a number', '7', -32600, null],
  ['another version', '{"jsonrpc":"1.0","method":"who","id":1}', -32600, 1],
  ['an unknown method', '{"jsonrpc":"2.0","method":"__proto__","id":"a"}', -32601, 'a'],
  ['a result without a call', '{"jsonrpc":"2.0","result":1,"id":1}', -32600, 1],
  ['ten thousand brackets', '['.repeat(10_000) + ']'.repeat(10_000), -32600, null],
])('%s is answered, and the socket stays', async (_, text, code, id) => {
  const { socket } = await inside()
  await socket.send(text).until(socket => answers(socket).length === 1)
  expect(answers(socket)).toMatchObject([{ id, error: { code } }])
  await socket.call('who').until(socket => answers(socket).length === 2)
  expect(answers(socket)[1]).toMatchObject({ id: 1, result: { participants: [] } })
})

test('a fragmented call is accepted within the limit', async () => {
  const { socket } = await inside()
  const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'who' })
  const pieces = [...text].map((sign, at) => frame(sign, { opcode: at === 0 ? 1 : 0, fin: at === text.length - 1 }))
  // A ping may come in between, and one byte at a time.
  const bytes = Buffer.concat([pieces[0]!, frame('now', { opcode: 9 }), ...pieces.slice(1)])
  for (const byte of bytes) {
    socket.send(Buffer.from([byte]))
    await new Promise(setImmediate)
  }
  await socket.until(socket => answers(socket).length === 1)
  expect(socket.frames.find(({ opcode }) => opcode === 10)?.data.toString()).toBe('now')
})

test('a socket without a session has a smaller frame limit', async () => {
  const { dial } = await inside()
  const fits = await dial()
    .send(frame(Buffer.alloc(8192, 32)))
    .until(socket => answers(socket).length === 1)
  expect(answers(fits)).toMatchObject([{ error: { code: -32700 } }])
  const longer = await dial()
    .send(frame(Buffer.alloc(8193, 32)))
    .until(isClosed)
  expect([longer.closing?.[0], answers(longer)]).toEqual([1009, []])
})

test('a flood of pings closes the socket; a ping now and then is answered', async () => {
  const clock = virtualClock()
  const { socket } = await inside({ clock })
  const ping = frame('?', { opcode: 9 })
  for (let round = 0; round < 5; round++) {
    socket.send(...Array.from({ length: 50 }, () => ping))
    await socket.until(({ frames }) => frames.filter(({ opcode }) => opcode === 10).length === 50 * (round + 1))
    await clock.advance(15_000)
  }
  socket.send(...Array.from({ length: 5000 }, () => ping))
  await socket.until(isClosed)
  expect(socket.closing).toEqual([1008, 'Too many pings: one in 15 seconds will do.'])
  expect(socket.frames.filter(({ opcode }) => opcode === 10)).toHaveLength(350)
})

test('a half-open connection is detected by its ping; one that answers or calls stays', async () => {
  const clock = virtualClock()
  const { fake, enter, socket: dead } = await inside({ clock })
  const [pongs, calls] = [await enter().until(begun), await enter().until(begun)]
  const pings = ({ frames }: RawSocket) => frames.filter(({ opcode }) => opcode === 9).length
  for (let beat = 1; beat <= 4; beat++) {
    await clock.advance(15_000)
    for (const socket of [pongs, calls]) await socket.until(socket => pings(socket) === beat)
    pongs.send(frame('', { opcode: 10 }))
    await calls.call('who').until(socket => answers(socket).length === beat)
    // The pong has been read once a later call is answered.
    await pongs.call('who').until(socket => answers(socket).length === beat)
  }
  await dead.until(isClosed)
  expect(dead.closing).toBeUndefined()
  expect(pings(dead)).toBe(2)
  expect(fake.readers.size).toBe(2)
})

test('a socket without a join is closed', async () => {
  const clock = virtualClock()
  const { dial } = await inside({ clock })
  const socket = await dial().until(({ status }) => status === 101)
  for (let beat = 0; beat < 5; beat++) {
    await clock.advance(15_000)
    socket.send(frame('', { opcode: 10 }))
    await socket.call('who').until(socket => answers(socket).length === beat + 1 || socket.closed)
  }
  await socket.until(isClosed)
  expect(socket.closing).toEqual([1008, 'Call join or resume within a minute.'])
})

test('a client that calls but reads no answers is paused, and others are served', async () => {
  const { fake, socket, enter } = await inside()
  let executed = 0
  const many = Array.from({ length: 2000 }, (_, at) => `somebody ${at}`)
  const present = () => {
    executed++
    return many
  }
  Object.defineProperty(fake, 'present', { get: present })
  socket.socket.pause()
  const call = frame(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'who' }))
  const calls = Buffer.concat(Array.from({ length: 2000 }, () => call))
  for (let sent = 0; sent < 200 && socket.socket.writableLength < 4 * calls.length; sent++) {
    socket.socket.write(calls)
    await new Promise(setImmediate)
  }
  expect(socket.socket.writableLength).toBeGreaterThan(0)
  const other = await enter().until(begun)
  fake.say('hello')
  await other.until(({ seqs }) => seqs.length === 1)
  // At most the calls in flight, and a few answered before the buffers were full.
  expect(executed).toBeLessThan(400)
})

test.each([
  [2 ** 20, true],
  [2 ** 10, false],
])('a client with 60 unread answers of %i bytes is dropped: %s', async (bytes, isDropped) => {
  const { fake, socket, enter } = await inside()
  Object.defineProperty(fake, 'present', { get: () => ['x'.repeat(bytes)] })
  socket.socket.pause()
  const call = frame(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'who' }))
  socket.socket.write(Buffer.concat(Array.from({ length: 60 }, () => call)))
  const other = await enter().until(begun)
  await vi.waitFor(() => expect(fake.readers.size).toBe(isDropped ? 1 : 2))
  fake.say('hello')
  await other.until(({ seqs }) => seqs.length === 1)
})

test('more calls at once than the limit are all answered in order', async () => {
  const { socket } = await inside()
  const ids = Array.from({ length: 500 }, (_, id) => id)
  socket.send(...ids.map(id => JSON.stringify({ jsonrpc: '2.0', id, method: 'who' })))
  await socket.until(socket => answers(socket).length === 500)
  expect(answers(socket).map(({ id }) => id)).toEqual(ids)
})

test('a waiting check ends when its socket closes', async () => {
  const { fake, socket } = await inside()
  socket.call('check')
  await vi.waitFor(() => expect(fake.checks).toHaveLength(1))
  socket.socket.destroy()
  await vi.waitFor(() => expect(fake.checks[0]!.signal?.aborted).toBe(true))
  expect(fake.readers.size).toBe(0)
})
