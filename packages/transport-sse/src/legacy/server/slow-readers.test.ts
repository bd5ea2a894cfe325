import { EventEmitter } from 'node:events'
import type { Server, ServerResponse } from 'node:http'
import { virtualClock } from '@midsentence/core'
import { type HubSession, openHub } from '@midsentence/core/hub'
import { type LegacyReader, legacyServer } from '@midsentence/testing/legacy/legacy-server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { LegacyStream } from './legacy-stream.ts'

const came = (name: string) => `Server: ${name} has joined the chat`
const went = (name: string) => `Server: ${name} has left the chat`
/** What people said. */
const said = ({ lines }: LegacyReader) => lines.filter(line => !line.startsWith('Server: '))

/** More than the buffers of both kernels hold, in pieces of a page each. */
const sayMuch = async (session: HubSession, count: number, word: string) => {
  for (let at = 0; at < count; at++) {
    await session.publish({ content: `${at} ${word}`, base: session.snapshotCursor().shown, key: `${at}` })
  }
}
const MUCH = 600
const long = 'x'.repeat(19_990)
const MANY = 200
/** Each of its letters is six bytes on a stream. */
const longest = 'é'.repeat(19_990)

/** Is called whenever a stream's reader does not keep up. */
function stallsOf(server: Server) {
  const stalled = vi.fn()
  server.prependListener('request', (_, res: ServerResponse) => {
    const write = res.write.bind(res) as (...given: unknown[]) => boolean
    res.write = ((...given: unknown[]) => {
      const keepsUp = write(...given)
      if (!keepsUp) stalled()
      return keepsUp
    }) as ServerResponse['write']
  })
  return stalled
}

test('a slow reader is told no more until it took what it has, then everything', async () => {
  const { server, hub, register, stream, unregister } = await legacyServer()
  const stalled = stallsOf(server)
  await register('Ada')
  const native = await hub.join({ username: 'Native' })
  const reader = await stream('Ada').has(2)
  reader.client.socket.pause()
  await sayMuch(native, MUCH, long)
  expect(stalled).toHaveBeenCalled()
  await register('Bob')
  await register('Cy')
  await unregister('Bob')
  await native.leave()
  reader.client.socket.resume()
  await reader.event('Native has left the chat')
  expect(said(reader).map(line => line.split(' ')[1])).toEqual(Array.from({ length: MUCH }, (_, at) => `${at}`))
  // Who came and went meanwhile is not worth a word.
  expect(reader.lines.filter(line => line.startsWith('Server: '))).toEqual([
    came('Ada'),
    came('Native'),
    came('Cy'),
    went('Native'),
  ])
})

test('a reader that breaks while much waits for it is told the rest by its next stream', async () => {
  const { hub, register, stream, broken } = await legacyServer()
  await register('Ada')
  await sayMuch(await hub.join({ username: 'Native' }), MANY, longest)
  const first = stream('Ada')
  await first.until(({ client }) => client.received.length > 2_000_000)
  first.client.socket.pause()
  await broken(first)
  const second = await stream('Ada').event(`"${MANY - 1} `)
  const [before, after] = [first, second].map(reader => said(reader).map(line => Number(line.split(' ')[1])))
  expect(before![0]).toBe(0)
  // The kernels' buffers are lost with the line; what waited in ours is not, though it was handed over in one go.
  expect(after!.length).toBeGreaterThan(20)
  expect(after).toEqual(Array.from({ length: after!.length }, (_, index) => MANY - after!.length + index))
})

/** A connection that takes nothing, with so many bytes before it. */
class Stuck extends EventEmitter {
  destroyed = false
  headersSent = true
  readonly writableLength: number
  constructor(writableLength: number) {
    super()
    this.writableLength = writableLength
  }
  writeHead() {}
  write = () => false
  end() {}
  destroy() {
    this.destroyed = true
  }
}

test('a reader that takes nothing of more than 1 MiB for 30 seconds is dropped; one with less is not', async () => {
  const clock = virtualClock()
  const hub = await openHub({ clock })
  onTestFinished(() => hub.close())
  for (const [bytes, dropped] of [
    [2 ** 20 + 1, true],
    [2 ** 20, false],
  ] as const) {
    const name = `Ada ${bytes}`
    const session = await hub.join({ username: name, legacy: true })
    const stuck = new Stuck(bytes)
    const stream = new LegacyStream(
      { name, session, deliveredSeq: 0, announced: new Set() },
      stuck as unknown as ServerResponse,
      clock,
    )
    stream.open(await session.subscribe(stream))
    await clock.advance(29_999)
    stream.beat()
    expect(stuck.destroyed).toBe(false)
    await clock.advance(1)
    stream.beat()
    expect(stuck.destroyed).toBe(dropped)
  }
})

test('close waits at most a second for a stalled reader', async () => {
  const clock = virtualClock()
  const { hub, handlers, register, stream, deserted } = await legacyServer({ clock })
  await register('Ada')
  const ada = await stream('Ada').begun()
  ada.client.socket.pause()
  await sayMuch(await hub.join({ username: 'Native' }), MUCH, long)
  const closed = handlers.close()
  await clock.advance(1000)
  await closed
  await deserted()
})
