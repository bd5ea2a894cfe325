import { join, type Participant, type PublishRequest, virtualClock } from '@midsentence/core'
import { byTier } from '@midsentence/testing/tier'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { MockPeer } from './mock-peer.ts'
import { mockRoom } from './mock-room.ts'
import type { LinkFault } from './simulated-link.ts'

const runs = byTier(50, 10_000)

const to = fc.constantFrom('room' as const, 'peer' as const)
const faults: fc.Arbitrary<LinkFault> = fc.oneof(
  fc.record({ type: fc.constantFrom('drop' as const, 'duplicate' as const, 'reorder' as const), to }),
  fc.record({ type: fc.constant('delay' as const), to, ms: fc.integer({ min: 1, max: 3000 }) }),
  fc.constant({ type: 'cut' as const }),
)
interface Move {
  readonly who: number
  readonly does: 'speak' | 'yield' | number | LinkFault | { readonly mine: LinkFault }
}

/**
 * Actions of the other participants: speak, yield, lose the connection, or let time pass. At most 32 s plus the delays
 * of faults pass between an answer and the next push: less than a floor lasts.
 */
const moves: fc.Arbitrary<readonly Move[]> = fc.array(
  fc.record({
    who: fc.nat(4),
    does: fc.oneof(
      { weight: 5, arbitrary: fc.constant('speak' as const) },
      { weight: 1, arbitrary: fc.constant('yield' as const) },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 2000 }) },
      { weight: 1, arbitrary: faults },
      { weight: 1, arbitrary: fc.record({ mine: faults }) },
    ),
  }),
  { maxLength: 8, size: 'max' },
)
/** The rounds repeat until the push is sent. `before` runs before each push, `during` while it is pending. */
const schemes = fc.record({
  others: fc.integer({ min: 1, max: 5 }),
  latency: fc.constantFrom(0, 5),
  rounds: fc.array(fc.record({ before: moves, during: moves }), { minLength: 1, maxLength: 5 }),
})

const nothing = () => {}

/** A client that has read everything whenever it publishes, and publishes in sequence. Plain, since machines are slow. */
class OtherClient {
  readonly peer: MockPeer
  #base = 0
  #last: Promise<unknown> = Promise.resolve()

  constructor(peer: MockPeer) {
    this.peer = peer
    peer.inbound$.subscribe(item => {
      if (item.type === 'message' && item.message.seq === this.#base + 1) this.#base++
    })
  }

  speak(content: string): void {
    const request: PublishRequest = { content, base: this.#base, key: content, isRetry: false }
    this.#last = this.#last.then(() => this.peer.publish(request).catch(nothing))
  }
}

test(
  '[P6] a participant that pushes again in time is sent by its fifth judged push, against five others',
  { timeout: 600_000 },
  () =>
    fc.assert(
      fc.asyncProperty(schemes, async ({ others, latency, rounds }) => {
        const clock = virtualClock()
        const room = mockRoom({ clock, latency })
        const newPeer = () => room.peer({ reconnectAfterMs: 500 })
        const mine = newPeer()
        const me = await join({ transport: mine, username: 'me', clock })
        const them: OtherClient[] = []
        for (let n = 0; n < others; n++) {
          const peer = newPeer()
          await peer.open({ room: room.name, username: `other ${n}` })
          them.push(new OtherClient(peer))
        }
        await clock.advance(50)
        let sent = 0
        let faulty = true
        const act = async (round: readonly Move[]) => {
          for (const { who, does } of round) {
            const other = them[who % others]!
            if (typeof does === 'number') await clock.advance(does)
            else if (does === 'speak') other.speak(`${sent++}`)
            else if (does === 'yield') other.peer.yield()
            // A link that breaks at every push would never carry one, so its faults end after 20 rounds.
            else if ('mine' in does) {
              if (faulty) mine.injectFault(does.mine)
            } else other.peer.injectFault(does)
          }
        }

        await me.append('at last')
        let judged = 0
        for (let round = 0; round < 200; round++) {
          faulty = round < 20
          const { before, during } = rounds[round % rounds.length]!
          await act(before)
          while ((await me.preview()).more);
          let answer: Awaited<ReturnType<Participant['push']>> | 'failed' | undefined
          me.push().then(
            found => {
              answer = found
            },
            () => {
              answer = 'failed'
            },
          )
          await act(during)
          while (!answer) await clock.advance(250)
          // A push that failed in transit, or timed out on another's floor, was not judged.
          if (answer === 'failed') {
            // The link is down: it reconnects after 500 ms.
            await clock.advance(500)
            continue
          }
          if (answer.held && answer.floor && answer.floor.name !== 'me') continue
          judged++
          expect(judged).toBeLessThanOrEqual(5)
          if (answer.status === 1) return
        }
        throw new Error('never sent')
      }),
      { numRuns: runs },
    ),
)
