import { type Message, virtualClock } from '@midsentence/core'
import { expect, test } from 'vitest'
import { ClusterCounters } from '../cluster-counters.ts'
import type { Item } from './frames.ts'
import { RemoteCalls } from './remote-calls.ts'
import { RemoteStream } from './remote-stream.ts'
import { SendingListener } from './stream-events.ts'

/** An owner with endless messages, and a reader at another server. Everything between them arrives at once. */
function setUp() {
  const contents: number[] = []
  let open = true
  let seq = 0
  let paused = true
  let ended = 0
  const sent: Item[] = []
  const listener = new SendingListener(
    (kind, value) => calls.receive({ t: 'event', streams: [stream.number], kind, value }),
    () => ended++,
  )
  const deliver = () => {
    // As the subscription of a room does.
    while (!paused && seq < 1000) paused = !listener.messages([{ seq: ++seq } as Message])
  }
  const calls = new RemoteCalls(virtualClock(), new ClusterCounters(), (_, item) => {
    sent.push(item)
    if (item.t !== 'resume') return
    if (item.taken !== undefined && !listener.taken(item.taken)) return
    paused = false
    queueMicrotask(deliver)
  })
  const stream: RemoteStream = new RemoteStream(calls, 'owner', {
    messages(batch) {
      contents.push(...batch.map(({ seq }) => seq))
      return open
    },
    missed: (from, to) => contents.push(-from, -to),
    presence: () => {},
    ended: () => ended++,
  })
  return {
    ...{ stream, contents, sent, listener, calls },
    get sentSeq() {
      return seq
    },
    get ended() {
      return ended
    },
    close: () => {
      open = false
    },
    open: () => {
      open = true
    },
  }
}

const settle = () => new Promise(setImmediate)

test('a reader that pauses gets no batch until it goes on, and at most 16 are on their way', async () => {
  const run = setUp()
  run.close()
  run.stream.resume()
  await settle()
  expect(run.contents).toEqual([1])
  expect(run.sentSeq).toBe(16)
  for (let nth = 2; nth < 40; nth++) {
    run.stream.resume()
    await settle()
    expect(run.contents.length).toBe(nth)
    expect(run.sentSeq - run.contents.length).toBeLessThanOrEqual(16)
  }
  run.open()
  run.stream.resume()
  await settle()
  expect(run.contents).toEqual(Array.from({ length: 1000 }, (_, at) => at + 1))
  expect(run.stream.cursor).toBe(1000)
})

test('a stream says in its place what retention dropped', async () => {
  const run = setUp()
  run.close()
  run.stream.resume()
  await settle()
  run.listener.missed(1001, 1002)
  expect(run.contents).toEqual([1])
  run.open()
  run.stream.resume()
  await settle()
  expect(run.contents.indexOf(-1001)).toBe(16)
})

test('after its end a stream hears nothing, and asks for nothing', async () => {
  const run = setUp()
  run.close()
  run.stream.resume()
  await settle()
  run.calls.lost('owner')
  run.calls.lost('owner')
  expect(run.ended).toBe(1)
  const before = run.sent.length
  run.stream.resume()
  run.stream.close()
  run.calls.receive({ t: 'event', streams: [run.stream.number], kind: 'messages', value: [{ seq: 99 }] })
  expect([run.contents, run.sent.length]).toEqual([[1], before])
})
