import { EventEmitter } from 'node:events'
import type { Server, ServerResponse } from 'node:http'
import { virtualClock } from '@midsentence/core'
import { type HubSession, openHub } from '@midsentence/core/hub'
import { type LegacyReader, legacyServer } from '@midsentence/testing/legacy/legacy-server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { LegacyStream } from './legacy-stream.ts'

const joined = (name: string) => `Server: ${name} has joined the chat`
const left = (name: string) => `Server: ${name} has left the chat`
/** What people userLines. */
const userLines = ({ lines }: LegacyReader) => lines.filter(line => !line.startsWith('Server: '))

/** Sends more than the buffers of both kernels hold, in messages of a page each. */
const sendMany = async (session: HubSession, count: number, word: string) => {
  for (let at = 0; at < count; at++) {
    await session.publish({ content: `${at} ${word}`, base: session.snapshotCursor().shown, key: `${at}` })
  }
}
const LONG_COUNT = 600
const long = 'x'.repeat(19_990)
const LONGEST_COUNT = 200
/** Each letter takes six bytes on a stream. */
const longest = 'é'.repeat(19_990)

/** Returns a mock that is called whenever a reader does not keep up. */
function stallsOf(server: Server) {
  const stalled = vi.fn()
  server.prependListener('request', (_, res: ServerResponse) => {
    const write = res.write.bind(res) as (...args: unknown[]) => boolean
    res.write = ((...args: unknown[]) => {
      const keepsUp = write(...args)
      if (!keepsUp) stalled()
      return keepsUp
    }) as ServerResponse['write']
  })
  return stalled
}

test('a slow reader pauses until it drains, then receives everything', async () => {
  const { server, hub, register, stream, unregister } = await legacyServer()
  const stalled = stallsOf(server)
  await register('Ada')
  const native = await hub.join({ username: 'Native' })
  const reader = await stream('Ada').has(2)
  reader.client.socket.pause()
  await sendMany(native, LONG_COUNT, long)
  expect(stalled).toHaveBeenCalled()
  await register('Bob')
  await register('Cy')
  await unregister('Bob')
  await native.leave()
  reader.client.socket.resume()
  await reader.event('Native has left the chat')
  // Texts that are read from the log again may come later.
  await reader.event(`"${LONG_COUNT - 1} `)
  expect(userLines(reader).map(line => line.split(' ')[1])).toEqual(
    Array.from({ length: LONG_COUNT }, (_, at) => `${at}`),
  )
  // A join and leave during the pause cancel each other out.
  expect(reader.lines.filter(line => line.startsWith('Server: '))).toEqual([
    joined('Ada'),
    joined('Native'),
    joined('Cy'),
    left('Native'),
  ])
})

test('after a reader breaks with a full buffer, its next stream delivers the rest', async () => {
  const { hub, register, stream, broken } = await legacyServer()
  await register('Ada')
  await sendMany(await hub.join({ username: 'Native' }), LONGEST_COUNT, longest)
  const first = stream('Ada')
  await first.until(({ client }) => client.received.length > 2_000_000)
  first.client.socket.pause()
  await broken(first)
  const second = await stream('Ada').event(`"${LONGEST_COUNT - 1} `)
  const [before, after] = [first, second].map(reader => userLines(reader).map(line => Number(line.split(' ')[1])))
  expect(before![0]).toBe(0)
  // The kernel buffers are lost with the connection; messages in our buffer are not.
  expect(after!.length).toBeGreaterThan(20)
  expect(after).toEqual(Array.from({ length: after!.length }, (_, index) => LONGEST_COUNT - after!.length + index))
})

/** A connection that takes nothing, with `writableLength` bytes waiting. */
class StalledResponse extends EventEmitter {
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

test('a reader that takes nothing for 30 seconds is dropped only with more than 1 MiB waiting', async () => {
  const clock = virtualClock()
  const hub = await openHub({ clock })
  onTestFinished(() => hub.close())
  for (const [bytes, dropped] of [
    [2 ** 20 + 1, true],
    [2 ** 20, false],
  ] as const) {
    const name = `Ada ${bytes}`
    const session = await hub.join({ username: name, legacy: true })
    const stalled = new StalledResponse(bytes)
    const stream = new LegacyStream(
      { name, session, deliveredSeq: 0, announced: new Set() },
      stalled as unknown as ServerResponse,
      clock,
    )
    stream.open(await session.subscribe(stream))
    await clock.advance(29_999)
    stream.beat()
    expect(stalled.destroyed).toBe(false)
    await clock.advance(1)
    stream.beat()
    expect(stalled.destroyed).toBe(dropped)
  }
})

test('close waits at most a second for a stalled reader', async () => {
  const clock = virtualClock()
  const { hub, handlers, register, stream, deserted } = await legacyServer({ clock })
  await register('Ada')
  const ada = await stream('Ada').begun()
  ada.client.socket.pause()
  await sendMany(await hub.join({ username: 'Native' }), LONG_COUNT, long)
  const closed = handlers.close()
  await clock.advance(1000)
  await closed
  await deserted()
})
