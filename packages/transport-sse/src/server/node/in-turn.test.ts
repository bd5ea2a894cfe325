import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { inTurn, MAX_PIPELINED } from './in-turn.ts'

type Answer = (req: IncomingMessage, res: ServerResponse) => void

/** Serves `answer` through `gate`. `waiting` returns the bytes of the answers that no reader has taken. */
async function serve(gate: (req: IncomingMessage, res: ServerResponse, answer: Answer) => void, answer: Answer) {
  const responses: ServerResponse[] = []
  let received = 0
  const server = createServer((req, res) => {
    received++
    return gate(req, res, (req, res) => {
      responses.push(res)
      answer(req, res)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close().closeAllConnections())
  const dial = (requests: number) => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {})
    onTestFinished(() => void socket.destroy())
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(requests))
    return socket
  }
  return {
    responses,
    dial,
    received: () => received,
    waiting: () => responses.reduce((sum, { writableLength }) => sum + writableLength, 0),
  }
}

const directly = (req: IncomingMessage, res: ServerResponse, answer: Answer) => answer(req, res)
const large = Buffer.alloc(16 * 2 ** 20)

test.each([
  ['in turn', inTurn, true],
  ['as node:http does', directly, false],
])('[W5] of 20 unread pipelined answers, at most one waits per connection: %s', async (_, gate, isBounded) => {
  const { responses, dial, waiting } = await serve(gate, (_, res) => void res.end(large))
  const sockets = [dial(20).pause(), dial(20).pause()]
  await vi.waitFor(() => expect(responses.length).toBeGreaterThanOrEqual(isBounded ? 2 : 40))
  // A round trip of another connection: the server has read what the others sent.
  const other = dial(1)
  await once(other, 'data')
  other.destroy()
  expect(waiting() < (sockets.length + 2) * large.length).toBe(isBounded)
  expect(responses.length <= sockets.length + 1).toBe(isBounded)
})

test('pipelined requests are answered in order as the client reads, and later ones too', async () => {
  const { responses, dial } = await serve(inTurn, (_, res) =>
    setImmediate(() => res.end(`answer ${responses.indexOf(res)};`)),
  )
  const socket = dial(MAX_PIPELINED).setEncoding('latin1')
  const read = async (count: number) => {
    let text = ''
    while (text.split(';').length <= count) text += (await once(socket, 'data'))[0]
    return [...text.matchAll(/answer (\d+);/g)].map(([, number]) => Number(number))
  }
  expect(await read(MAX_PIPELINED)).toEqual(Array.from({ length: MAX_PIPELINED }, (_, number) => number))
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(3))
  expect(await read(3)).toEqual([0, 1, 2].map(number => number + MAX_PIPELINED))
})

test('a connection with too many pipelined requests is closed after a while, and none that waits is run', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { responses, dial, received } = await serve(inTurn, (_, res) => setImmediate(() => res.end('answer')))
  const socket = dial(1000)
  const closed = new Promise(resolve => socket.once('close', resolve))
  await once(socket, 'data')
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(1000))
  // Round trips of other connections: what was sent would have been read.
  for (let times = 0; times < 5; times++) await once(dial(1), 'data')
  expect([responses.length - 5, socket.destroyed]).toEqual([1, false])
  // The rest of what was sent is not even parsed.
  expect(received() - 5).toBe(MAX_PIPELINED + 2)
  vi.advanceTimersByTime(5000)
  await closed
  expect(responses.length - 5).toBe(1)
})
