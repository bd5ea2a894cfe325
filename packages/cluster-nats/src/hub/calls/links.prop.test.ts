import { type VirtualClock, virtualClock } from '@midsentence/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ClusterCounters } from '../cluster-counters.ts'
import type { Item } from './frames.ts'
import { Links } from './links.ts'

/** A server that counts what it asked another for, and what it was answered. */
interface Peer {
  readonly links: Links
  /** Calls that wait for an answer. */
  readonly open: Set<number>
  /** What arrived, since the last loss. */
  readonly got: number[]
  losses: number
}

/** Two servers whose bus loses the frames that `loses` says. */
async function twoServers(clock: VirtualClock, loses: () => boolean) {
  const listeners = new Map<string, (bytes: Uint8Array) => void>()
  let series = 0
  let ids = 0
  const make = async (id: string, other: string): Promise<Peer> => {
    const peer: Peer = {
      links: new Links({
        id,
        clock,
        counters: new ClusterCounters(),
        newSeries: () => `series-${++series}`,
        bus: {
          listen: async (to, receive) => {
            listeners.set(to, receive)
            return async () => void listeners.delete(to)
          },
          send: (to, bytes) => {
            if (!loses()) queueMicrotask(() => listeners.get(to)?.(bytes))
          },
        },
        receive(from, item) {
          if (item.t === 'done') return void peer.open.delete(item.id)
          const { id: asked } = item as Extract<Item, { t: 'cancel' }>
          peer.got.push(asked)
          peer.links.send(from, { t: 'done', id: asked })
        },
        lost() {
          peer.losses++
          peer.open.clear()
          peer.got.length = 0
        },
        isBusy: () => peer.open.size > 0,
      }),
      open: new Set(),
      got: [],
      losses: 0,
    }
    await peer.links.start()
    return Object.assign(peer, {
      ask() {
        const asked = ++ids
        peer.open.add(asked)
        peer.links.send(other, { t: 'cancel', id: asked })
      },
    })
  }
  const one = (await make('one', 'two')) as Peer & { ask(): void }
  const two = (await make('two', 'one')) as Peer & { ask(): void }
  return [one, two] as const
}

test('with any frames lost, calls end, items come in order, and the servers recover', async () => {
  const steps = fc.array(
    fc.record({
      ask: fc.subarray([0, 1]),
      /** Which of the next frames are lost. */
      losses: fc.array(fc.boolean(), { maxLength: 4 }),
      pass: fc.constantFrom(0, 0, 400, 1000),
    }),
    { maxLength: 12 },
  )
  await fc.assert(
    fc.asyncProperty(steps, async script => {
      const clock = virtualClock()
      let losing: boolean[] = []
      const peers = await twoServers(clock, () => losing.shift() ?? false)
      for (const { ask, losses, pass } of script) {
        losing = [...losses]
        for (const at of ask) peers[at]!.ask()
        await clock.advance(pass)
        for (const { got } of peers) expect(got).toEqual([...got].sort((a, b) => a - b))
      }
      losing = []
      await clock.advance(3000)
      // Answered, or known to be lost.
      for (const { open } of peers) expect([...open]).toEqual([])
      const before = peers.map(({ losses }) => losses)
      for (const peer of peers) {
        peer.ask()
        await clock.settle()
        expect([...peer.open]).toEqual([])
      }
      expect(peers.map(({ losses }) => losses)).toEqual(before)
    }),
    { numRuns: 300 },
  )
})

test('two servers that begin at the same time lose nothing', async () => {
  const clock = virtualClock()
  const [one, two] = await twoServers(clock, () => false)
  for (let nth = 0; nth < 3; nth++) {
    one.ask()
    two.ask()
  }
  await clock.settle()
  expect([one.got.length, two.got.length, one.open.size, two.open.size]).toEqual([3, 3, 0, 0])
  expect([one.losses, two.losses]).toEqual([0, 0])
})
