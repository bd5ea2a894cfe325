import { MidsentenceError, type Monitor, noopMonitor, type VirtualClock, virtualClock } from '@midsentence/core'
import { MemoryCluster } from '@midsentence/testing/cluster/memory-cluster'
import { expect, onTestFinished, test } from 'vitest'
import type { ServerDirectory, ServerEntry } from '../../ports.ts'
import { ClusterCounters } from '../cluster-counters.ts'
import { defaultClusterTimes } from '../times.ts'
import { Lease } from './lease.ts'
import { Servers } from './servers.ts'

const { term_ms, dead_ms, renew_ms } = defaultClusterTimes
const entry = (id: string): ServerEntry => ({ id, name: id, rooms: 0 })

/** A lease whose renewals a test may delay or fail. */
function setUp(clock: VirtualClock, directory: ServerDirectory, id = 'one') {
  const fault: { before?: () => Promise<void> } = {}
  const reports: unknown[][] = []
  const monitor: Monitor = {
    ...noopMonitor,
    leaseLost: (...lost) => void reports.push(['lost', ...lost]),
    leaseRegained: (...regained) => void reports.push(['regained', ...regained]),
  }
  const lease = new Lease({
    clock,
    counters: new ClusterCounters(),
    monitor,
    times: defaultClusterTimes,
    directory: {
      ...directory,
      renew: async entry => {
        await fault.before?.()
        await directory.renew(entry)
      },
    },
    entry: () => entry(id),
  })
  onTestFinished(() => lease.close())
  return { lease, fault, reports }
}

const unavailable = (unknown?: true) =>
  new MidsentenceError('unavailable', 'away', { data: unknown ? { unknown } : {} })

test('a lease holds for its term from the beginning of the renewal, not from its answer', async () => {
  const clock = virtualClock()
  const { lease, fault } = setUp(clock, new MemoryCluster().server().directory)
  fault.before = () => new Promise(resolve => void clock.after(term_ms - 100, resolve))
  const started = lease.start()
  await clock.advance(term_ms - 100)
  await started
  fault.before = () => new Promise(() => {})
  expect(lease.holds).toBe(true)
  await clock.advance(99)
  expect(lease.holds).toBe(true)
  await clock.advance(1)
  expect(lease.holds).toBe(false)
})

test('a renewal that is answered after its term gives no right', async () => {
  const clock = virtualClock()
  const { lease, fault } = setUp(clock, new MemoryCluster().server().directory)
  fault.before = () => new Promise(resolve => void clock.after(term_ms, resolve))
  const started = lease.start()
  await clock.advance(term_ms)
  await started
  expect(lease.holds).toBe(false)
})

test('after an eviction the right is gone at once, and the next one is of another epoch', async () => {
  const clock = virtualClock()
  const { directory } = new MemoryCluster().server()
  const { lease } = setUp(clock, directory)
  await lease.start()
  const { epoch } = lease
  expect(await directory.evict('one', (await directory.read('one'))!.revision)).toBe(true)
  await clock.advance(renew_ms)
  expect([lease.holds, lease.heldFor]).toEqual([false, 0])
  const confirmed = lease.confirmed()
  await clock.advance(renew_ms)
  await confirmed
  expect([lease.holds, lease.epoch]).toEqual([true, epoch + 1])
})

test('a renewal whose outcome is unknown neither ends the right nor prolongs it', async () => {
  const clock = virtualClock()
  const { lease, fault } = setUp(clock, new MemoryCluster().server().directory)
  await lease.start()
  const { epoch } = lease
  fault.before = () => Promise.reject(unavailable(true))
  await clock.advance(term_ms - 1)
  expect([lease.holds, lease.epoch]).toEqual([true, epoch])
  await clock.advance(1)
  expect(lease.holds).toBe(false)
  delete fault.before
  await clock.advance(renew_ms)
  expect([lease.holds, lease.epoch]).toEqual([true, epoch])
})

test('a loss and its end are each reported once, with whether others evicted the entry meanwhile', async () => {
  const clock = virtualClock()
  const { directory } = new MemoryCluster().server()
  const { lease, fault, reports } = setUp(clock, directory)
  await lease.start()
  await clock.advance(10 * renew_ms)
  expect(reports).toEqual([])
  fault.before = () => Promise.reject(unavailable(true))
  await clock.advance(10 * renew_ms)
  expect(reports).toEqual([['lost', 0, false]])
  delete fault.before
  await clock.advance(renew_ms)
  // The last renewal began as the others ended.
  expect(reports.splice(0)).toEqual([
    ['lost', 0, false],
    ['regained', 11 * renew_ms - term_ms, false],
  ])

  fault.before = () => Promise.reject(unavailable(true))
  await clock.advance(dead_ms)
  await directory.evict('one', (await directory.read('one'))!.revision)
  delete fault.before
  await clock.advance(2 * renew_ms)
  expect(reports.splice(0)).toEqual([
    ['lost', 0, false],
    ['regained', dead_ms + 2 * renew_ms - term_ms, true],
  ])

  await directory.evict('one', (await directory.read('one'))!.revision)
  await clock.advance(renew_ms)
  expect(reports).toEqual([['lost', 0, true]])
  await clock.advance(renew_ms)
  expect(reports).toEqual([
    ['lost', 0, true],
    ['regained', renew_ms, true],
  ])

  await lease.close()
  await clock.advance(10 * renew_ms)
  expect(reports.length).toBe(2)
})

test('who waits for a right that does not come is refused when the server closes', async () => {
  const clock = virtualClock()
  const { lease, fault } = setUp(clock, new MemoryCluster().server().directory)
  await lease.start()
  fault.before = () => Promise.reject(unavailable(true))
  await clock.advance(term_ms)
  const waiting = lease.confirmed().catch(error => error)
  await lease.close()
  expect(await waiting).toMatchObject({ code: 'unavailable' })
})

test('servers that were silent while the directory was away are not evicted when it is back', async () => {
  const clock = virtualClock()
  const cluster = new MemoryCluster()
  const { directory } = cluster.server()
  let away = false
  const mine: ServerDirectory = {
    ...directory,
    list: () => (away ? Promise.reject(unavailable()) : directory.list()),
    read: id => (away ? Promise.reject(unavailable()) : directory.read(id)),
  }
  const { lease, fault } = setUp(clock, directory)
  await lease.start()
  const gone: string[] = []
  const evicted: unknown[][] = []
  const monitor: Monitor = { ...noopMonitor, serverEvicted: (...server) => void evicted.push(server) }
  const deps = { id: 'one', directory: mine, clock, times: defaultClusterTimes, lease, monitor }
  const servers = new Servers({ ...deps, counters: new ClusterCounters(), gone: id => void gone.push(id) })
  onTestFinished(() => servers.close())
  const others = ['two', 'three']
  const { directory: theirs } = cluster.server()
  for (const id of others) await theirs.renew(entry(id))
  await servers.start()
  expect(servers.others.map(({ id }) => id)).toEqual(others)
  away = true
  fault.before = () => Promise.reject(unavailable(true))
  await clock.advance(10 * dead_ms)
  away = false
  delete fault.before
  await clock.advance(dead_ms - 100)
  expect(gone).toEqual([])
  await theirs.renew(entry('two'))
  await clock.advance(2 * renew_ms)
  // It is silent although the directory is there.
  expect(gone).toEqual(['three'])
  expect(await directory.read('three')).toBeUndefined()
  expect(evicted).toEqual([['three', expect.any(Number)]])
  expect(evicted[0]![1]).toBeGreaterThanOrEqual(dead_ms)
  await theirs.remove('two')
  await clock.advance(renew_ms)
  expect(gone).toEqual(['three', 'two'])
  expect(evicted).toHaveLength(1)
})
