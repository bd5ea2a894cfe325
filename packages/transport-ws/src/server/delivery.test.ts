import { virtualClock } from '@midsentence/core'
import { StreamingHub } from '@midsentence/testing/sse/streaming-hub'
import { frame, type RawSocket } from '@midsentence/testing/ws/raw-socket'
import { serveWs, type WsServing } from '@midsentence/testing/ws/serve-ws'
import { expect, test, vi } from 'vitest'

const begun = ({ received }: RawSocket) => received.some(({ method }) => method === 'welcome')
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

test('messages of one commit are one write per connection, with shared bytes', async () => {
  const fake = new StreamingHub()
  const writes = vi.fn()
  const { enter } = await serveWs(fake.hub, {}, ({ socket }) => {
    const write = socket.write.bind(socket)
    socket.write = ((bytes: Buffer) => {
      writes(bytes)
      return write(bytes)
    }) as typeof socket.write
  })
  const sockets = await Promise.all([enter(), enter(), enter()].map(socket => socket.until(begun)))
  writes.mockClear()
  fake.say(...upTo(8).map(String))
  for (const socket of sockets) await socket.until(({ seqs }) => seqs.length === 8)
  expect(writes).toHaveBeenCalledTimes(3)
  expect(new Set(writes.mock.calls.map(([bytes]) => bytes)).size).toBe(1)
})

test('a socket receives welcome, presence, missed and messages in this order', async () => {
  const fake = new StreamingHub()
  fake.present = ['Ada', 'Bob']
  fake.forgotten = 2
  fake.say('one', 'two', 'three')
  const { enter } = await serveWs(fake.hub)
  const socket = await enter().until(({ seqs }) => seqs.length === 1)
  fake.changePresence('Bob', false)
  await socket.until(({ received }) => received.length === 6)
  expect(socket.received.map(({ method, params }) => [method, params])).toEqual([
    ['welcome', { log: 'log-1', cursor: 0, sender_id: 'Ada' }],
    ['presence', { sender_id: 'Ada', present: true }],
    ['presence', { sender_id: 'Bob', present: true }],
    ['missed', { from: 1, to: 2 }],
    ['message', fake.messages[2]],
    ['presence', { sender_id: 'Bob', present: false }],
  ])
})

test('one timer keeps forty sockets alive and stops with the last one', async () => {
  const clock = virtualClock()
  const { enter } = await serveWs(new StreamingHub().hub, { clock })
  expect(clock.pending).toBe(0)
  const sockets = await Promise.all(upTo(40).map(() => enter().until(begun)))
  expect(clock.pending).toBe(1)
  const beats = ({ received }: RawSocket) => received.filter(({ method }) => method === 'alive').length
  for (const beat of [1, 2, 3]) {
    await clock.advance(15_000)
    for (const socket of sockets) {
      await socket.until(socket => beats(socket) === beat)
      socket.call('who', {}, beat)
      await socket.until(({ received }) => received.some(({ id }) => id === beat))
    }
  }
  for (const { socket } of sockets) socket.destroy()
  await vi.waitFor(() => expect(clock.pending).toBe(0))
})

test('two hundred sockets all receive everything in order and are released on close', async () => {
  const fake = new StreamingHub()
  const { enter } = await serveWs(fake.hub)
  const sockets = await Promise.all(upTo(200).map(() => enter().until(begun)))
  for (const round of upTo(10)) fake.say(`${round} a`, `${round} b`)
  for (const socket of sockets) {
    await socket.until(({ seqs }) => seqs.length === 20)
    expect(socket.seqs).toEqual(upTo(20))
    socket.socket.destroy()
  }
  await vi.waitFor(() => expect(fake.readers.size).toBe(0))
})

const text = 'x'.repeat(100_000)
/** More than the buffers of both kernels hold, so that a reader that reads nothing stalls. */
const flood = upTo(200).map(() => text)
const idle = async (fake: StreamingHub, { enter }: WsServing) => {
  const socket = await enter().until(begun)
  socket.socket.pause()
  fake.say(...flood)
  expect([...fake.readers].at(-1)!.isReading).toBe(false)
  return socket
}
const took = (socket: RawSocket, bytes: number) => socket.until(({ socket }) => socket.bytesRead >= bytes)

test('a slow reader pauses until it drains, then continues from the log without a gap', async () => {
  const fake = new StreamingHub()
  const served = await serveWs(fake.hub)
  const slow = await idle(fake, served)
  const other = await served.enter('ada').until(begun)
  fake.say(...upTo(500).map(String))
  fake.changePresence('Eve')
  fake.changePresence('Eve', false)
  fake.changePresence('Cy')
  expect([...fake.readers][0]!.cursor).toBe(200)
  await took(other, flood.length * text.length)
  slow.socket.resume()
  await took(slow, flood.length * text.length)
  await slow.message(700)
  expect(slow.seqs).toEqual(upTo(700))
  // Who came and went meanwhile is not mentioned.
  expect(slow.received.filter(({ method }) => method === 'presence').map(({ params }) => params)).toEqual([
    { sender_id: 'Cy', present: true },
  ])
})

test('a reader that takes nothing for 30 seconds is dropped and may resume', async () => {
  const fake = new StreamingHub()
  const clock = virtualClock()
  const served = await serveWs(fake.hub, { clock })
  const slow = await idle(fake, served)
  await clock.advance(29_000)
  expect(fake.readers.size).toBe(1)
  await vi.waitFor(async () => {
    await clock.advance(15_000)
    expect(fake.readers.size).toBe(0)
  })
  slow.socket.resume()
  await slow.until(({ closed }) => closed)
  const whole = slow.seqs.length
  expect(whole).toBeLessThan(200)
  const again = served.enter('ada', `/ws?after=${whole}`)
  await again.message(200)
  expect([...slow.seqs, ...again.seqs]).toEqual(upTo(200))
})

test('a reader that makes slow progress is not dropped', async () => {
  const fake = new StreamingHub()
  const clock = virtualClock()
  const slow = await idle(fake, await serveWs(fake.hub, { clock }))
  const { socket } = slow
  for (let enough = 2 ** 22; enough < flood.length * text.length; enough += 2 ** 22) {
    const pause = () => socket.bytesRead >= enough && socket.pause()
    socket.on('data', pause).resume()
    await took(slow, enough)
    socket.off('data', pause)
    slow.send(frame('', { opcode: 10 }))
    await clock.advance(10_000)
  }
  socket.resume()
  await took(slow, flood.length * text.length)
  await slow.message(200)
  expect(clock.monotonic()).toBeGreaterThan(30_000)
})

test('a stalled reader gets everybody who came meanwhile', async () => {
  const fake = new StreamingHub()
  const served = await serveWs(fake.hub)
  const slow = await idle(fake, served)
  const other = await served.enter('ada', '/ws?after=200').until(begun)
  for (const name of upTo(2000)) fake.changePresence(`${name}`)
  await other.until(({ received }) => received.length === 2001)
  expect(fake.readers.size).toBe(2)
  slow.socket.resume()
  const presence = () => slow.received.filter(({ method }) => method === 'presence')
  await slow.until(() => presence().length === 2000)
})

test('a reader that disconnects during a write affects no other', async () => {
  const fake = new StreamingHub()
  const { enter } = await serveWs(fake.hub)
  const [leaver, stayer] = await Promise.all([enter().until(begun), enter().until(begun)])
  leaver.socket.resetAndDestroy()
  for (const round of upTo(20)) {
    fake.say(`${round}${text}`)
    await new Promise(setImmediate)
  }
  await stayer.message(20)
  await vi.waitFor(() => expect(fake.readers.size).toBe(1))
})
