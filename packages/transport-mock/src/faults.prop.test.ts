import { join, type Message, type Participant, type PushAnswer, virtualClock } from '@midsentence/core'
import { byTier } from '@midsentence/testing/tier'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mockRoom } from './mock-room.ts'
import type { LinkFault } from './simulated-link.ts'

const runs = byTier(100, 10_000)
/** Each machine and each step costs. */
const most = byTier({ people: 4, steps: 25 }, { people: 6, steps: 40 })

const to = fc.constantFrom('room' as const, 'peer' as const)
const faults: fc.Arbitrary<LinkFault> = fc.oneof(
  fc.record({ type: fc.constantFrom('drop' as const, 'duplicate' as const, 'reorder' as const), to }),
  fc.record({ type: fc.constant('delay' as const), to, ms: fc.integer({ min: 1, max: 3000 }) }),
  fc.record({ type: fc.constantFrom('cut' as const, 'restore' as const) }),
)
type Action = 'append' | 'speak' | 'push' | 'preview' | 'check' | 'undo' | 'yield'

const does = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('append' as const, 'speak' as const, 'push' as const) },
  { weight: 1, arbitrary: fc.constantFrom('preview' as const, 'check' as const, 'undo' as const, 'yield' as const) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 30 }) },
  { weight: 2, arbitrary: faults },
)
interface History {
  readonly people: number
  readonly latency: number
  readonly steps: readonly { readonly who: number; readonly does: Action | number | LinkFault }[]
}

const histories: fc.Arbitrary<History> = fc.record({
  people: fc.integer({ min: 2, max: most.people }),
  latency: fc.constantFrom(0, 1, 5),
  steps: fc.array(fc.record({ who: fc.nat(5), does }), { minLength: 5, maxLength: most.steps, size: 'max' }),
})

interface Push {
  readonly content: string
  readonly base: number
  answer: PushAnswer | undefined
}

class Client {
  readonly received: Message[] = []
  readonly pushes: Push[] = []
  readonly participant: Participant

  constructor(participant: Participant) {
    this.participant = participant
  }

  do(action: Action, text: string): void {
    const { participant } = this
    if (action === 'yield') return participant.yield()
    if (action === 'speak') {
      this.do('append', text)
      return this.do('push', text)
    }
    if (action !== 'push') {
      const answer = action === 'append' ? participant.append(text) : participant[action]()
      return void answer.then(({ messages }) => this.received.push(...messages))
    }
    // A preview right before the push returns the draft it will send and the messages its author then knows.
    const shown = participant.preview()
    const base = participant.view.cursor
    const pushed = participant.push()
    void Promise.allSettled([shown, pushed]).then(([preview, push]) => {
      const answer = push.status === 'fulfilled' ? push.value : undefined
      if (preview.status === 'fulfilled') {
        this.received.push(...preview.value.messages)
        this.pushes.push({ content: preview.value.draft, base, answer })
      }
      this.received.push(...(answer?.messages ?? []))
    })
  }
}

async function play({ people, latency, steps }: History) {
  const clock = virtualClock()
  const room = mockRoom({ clock, latency })
  const peers = Array.from({ length: people }, () => room.peer())
  const all: Client[] = []
  for (const [n, transport] of peers.entries())
    all.push(new Client(await join({ transport, username: `p${n}`, clock })))
  await clock.advance(50)
  for (const [n, { who, does: act }] of steps.entries()) {
    if (typeof act === 'number') await clock.advance(act)
    else if (typeof act === 'object') peers[who % people]!.injectFault(act)
    else all[who % people]!.do(act, `${n};`)
  }
  for (const peer of peers) peer.injectFault({ type: 'restore' })
  // Long enough for every push in turn to time out on a floor.
  await clock.advance(1_500_000)
  for (const client of all) client.do('preview', '')
  await clock.settle()
  return { room, all }
}

test(
  '[L1] [L2] [P4] [H1] hold under dropped, duplicated, delayed, reordered and cut frames',
  { timeout: 600_000 },
  () =>
    fc.assert(
      fc.asyncProperty(histories, async history => {
        const { room, all } = await play(history)
        const messages = room.messages
        expect(messages.map(message => message.seq)).toEqual(messages.map((_, at) => at + 1))
        // Every draft has a unique text, so the same content twice is one push with two effects.
        expect(new Set(messages.map(message => message.content)).size).toBe(messages.length)
        for (const { participant, received, pushes } of all) {
          const others = messages.filter(message => message.sender_id !== participant.name)
          expect(received).toEqual(others)
          const own = messages.filter(message => message.sender_id === participant.name)
          const sent = pushes.filter(({ answer }) => answer?.status === 1)
          expect(own.map(message => message.content)).toEqual(sent.map(({ content }) => content))
          for (const { base, answer } of pushes) {
            if (answer?.status === 1) {
              const seq = answer.held ? 0 : answer.seq
              expect(others.filter(message => message.seq > base && message.seq < seq)).toEqual([])
            } else if (answer && !(answer.held && answer.floor)) {
              expect(others.some(message => message.seq > base)).toBe(true)
            }
          }
        }
      }),
      { numRuns: runs },
    ),
)
