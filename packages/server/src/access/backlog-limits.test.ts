import { EventEmitter } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import { BacklogLimits, defaultBacklogBounds } from './backlog-limits.ts'

/** A connection whose reader takes only what `take` says. */
class Connection extends EventEmitter {
  bytesWritten = 0
  taken = 0
  destroyed = false

  get writableLength() {
    return this.bytesWritten - this.taken
  }

  destroy() {
    this.destroyed = true
    this.emit('close')
  }
}

function limitsWith(bounds: Partial<typeof defaultBacklogBounds>) {
  let now = 0
  const cut: string[] = []
  const limits = new BacklogLimits(
    { ...defaultBacklogBounds, ...bounds },
    address => void cut.push(address),
    () => now,
  )
  const wait = (bytes: number, address: string) => {
    const connection = new Connection()
    connection.bytesWritten = bytes
    limits.report(connection, bytes, address)
    onTestFinished(() => connection.destroy())
    return connection
  }
  return { limits, cut, wait, pass: (ms: number) => (now += ms) }
}

const destroyed = (connections: readonly Connection[]) => connections.map(each => each.destroyed)

test.each([
  [100, [false, false, true, false, false]],
  [Number.POSITIVE_INFINITY, [false, false, false, false, false]],
])('[W5] with a bound of %d bytes for all connections, those with the most waiting are cut', (bytes, expected) => {
  const { limits, wait } = limitsWith({ bytes })
  const connections = [10, 20, 60, 5, 8].map((size, at) => wait(size, `192.0.2.${at}`))
  expect(destroyed(connections)).toEqual(expected)
  expect(limits.bytes <= 100).toBe(bytes === 100)
})

test.each([
  [100, true],
  [Number.POSITIVE_INFINITY, false],
])('with a bound of %d bytes per address, its connections are cut, and no others', (address_bytes, isCut) => {
  const { wait, cut } = limitsWith({ address_bytes })
  const other = wait(90, '127.0.0.1')
  const connections = ['2001:db8::1', '2001:db8::2', '2001:db8::3'].map(address => wait(40, address))
  expect(destroyed([other, ...connections])).toEqual([false, isCut, false, false])
  expect(cut).toEqual(isCut ? ['2001:db8::/64'] : [])
})

test('a reader that takes nothing for the time is cut, one that takes something is not', () => {
  const { limits, wait, pass } = limitsWith({ stall_ms: 30_000 })
  const [slow, stalled] = [wait(100, '192.0.2.1'), wait(100, '192.0.2.2')]
  for (let second = 0; second < 31; second++) {
    pass(1000)
    slow!.taken++
    limits.sweep()
  }
  expect(destroyed([slow!, stalled!])).toEqual([false, true])
  expect(limits.bytes).toBe(100)
})

test('what was taken or is closed waits no more, and nothing is kept of it', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { limits, wait } = limitsWith({})
  const [taken, closed, quiet] = [wait(10, '192.0.2.1'), wait(20, '192.0.2.1'), wait(30, '192.0.2.1')]
  limits.report(taken!, 0, undefined)
  closed!.destroy()
  expect(limits.bytes).toBe(30)
  quiet!.taken = 30
  limits.sweep()
  expect(limits.bytes).toBe(0)
  expect([taken!.listenerCount('close'), vi.getTimerCount()]).toEqual([0, 0])
})
