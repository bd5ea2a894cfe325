import { expect, test } from 'vitest'
import { createActor, fromPromise } from 'xstate'
import { MidsentenceError } from '../errors.ts'
import { evolveParticipant, newParticipant } from '../participant/evolve.ts'
import type { PublishRequest } from '../ports/transport.ts'
import type { Message } from '../room/message.ts'
import type { EmittedEvent, ParticipantEvent, TimedVerdict } from './events.ts'
import { participantChart } from './machine.ts'

const message = (seq: number, sender_id = 'GPT'): Message => ({
  message_id: `m-${seq}`,
  sender_id,
  content: `message ${seq}`,
  timestamp: '2026-01-01T00:00:00.000Z',
  seq,
})

const session = { session_id: 's', token: 't', room: 'lobby', sender_id: 'Claude', log: 'l' }
const welcome = { session, cursor: 0, policy: 'hold', resumed: false } as const

/** One event of every known type, and one unknown. */
const events: Record<string, ParticipantEvent> = {
  append: { type: 'append', call: 9, text: 'more' },
  'append nothing': { type: 'append', call: 9, text: '' },
  undo: { type: 'undo', call: 9 },
  reset: { type: 'reset', call: 9 },
  preview: { type: 'preview', call: 9 },
  check: { type: 'check', call: 9, at: 0 },
  push: { type: 'push', call: 9, key: 'k9' },
  'call.abandoned': { type: 'call.abandoned', call: 9 },
  'check.expired': { type: 'check.expired', call: 3 },
  message: { type: 'inbound', item: { type: 'message', message: message(1) } },
  missed: { type: 'inbound', item: { type: 'missed', from: 1, to: 2 } },
  presence: { type: 'inbound', item: { type: 'presence', sender_id: 'GPT', present: true } },
  rejoined: { type: 'inbound', item: { type: 'rejoined', welcome } },
  'link.up': { type: 'link.up' },
  'link.down': { type: 'link.down', reason: 'cut' },
  'link.lost': { type: 'link.lost', reason: 'expired' },
  yield: { type: 'yield' },
  close: { type: 'close' },
  unheard: { type: 'unheard-of' } as unknown as ParticipantEvent,
}

/** The states, and the events that lead to them. */
const states: Record<
  string,
  (send: (event: ParticipantEvent) => void, settle: (end: 'sent' | 'unknown') => Promise<void>) => Promise<void> | void
> = {
  'drafting.empty': () => {},
  'drafting.open': send => send({ type: 'append', call: 1, text: 'a' }),
  'pushing.publishing': send => {
    send({ type: 'append', call: 1, text: 'a' })
    send({ type: 'push', call: 2, key: 'k2' })
  },
  'pushing.retrying': async (send, settle) => {
    send({ type: 'append', call: 1, text: 'a' })
    send({ type: 'push', call: 2, key: 'k2' })
    await settle('unknown')
  },
  closed: send => send({ type: 'close' }),
  'drafting.empty, a check waits': send => send({ type: 'check', call: 3, at: 0 }),
  'pushing.publishing, a check waits': send => {
    send({ type: 'check', call: 3, at: 0 })
    send({ type: 'append', call: 1, text: 'a' })
    send({ type: 'push', call: 2, key: 'k2' })
  },
}

function actorOf() {
  const requests: { resolve(verdict: TimedVerdict): void; reject(error: unknown): void; request: PublishRequest }[] = []
  const publish = fromPromise<TimedVerdict, PublishRequest>(
    ({ input }) => new Promise((resolve, reject) => requests.push({ resolve, reject, request: input })),
  )
  const emitted: EmittedEvent[] = []
  const state = evolveParticipant(newParticipant, { type: 'joined', ...welcome })
  const actor = createActor(participantChart.provide({ actors: { publish } }), {
    input: { state, capabilities: { conditional: true, resume: true, keys: true } },
    clock: { setTimeout: () => 0, clearTimeout: () => {} },
  })
  actor.on('*', event => emitted.push(event as EmittedEvent))
  actor.start()
  actor.send({ type: 'link.up' })
  const settle = async (end: 'sent' | 'unknown') => {
    const last = requests.at(-1)!
    if (end === 'sent')
      last.resolve({ at: 0, verdict: { sent: true, message_id: 'm', timestamp: '', seq: 1, durability: 'memory' } })
    else last.reject(new MidsentenceError('unavailable', 'the line broke', { data: { unknown: true } }))
    for (let turn = 0; turn < 10; turn++) await undefined
  }
  return { actor, emitted, settle, requests }
}

async function outcome(state: string, event: string): Promise<string> {
  const { actor, emitted, settle } = actorOf()
  await states[state]!(e => actor.send(e), settle)
  const before = actor.getSnapshot().context
  emitted.length = 0
  actor.send(events[event]!)
  const { deferred, check, push } = actor.getSnapshot().context
  const outcome = emitted.map(e => ('call' in e ? `${e.type} ${e.call}` : e.type))
  if (deferred !== before.deferred && outcome.length === 0)
    outcome.push(event === 'call.abandoned' ? 'nothing to forget' : 'waits for the verdict')
  if (check !== before.check && check === 9) outcome.push('waits for a message')
  if (push.call !== before.push.call && push.call === 9) outcome.push('is asked')
  return outcome.join(', ') || 'is ignored'
}

test('[M1] every event in every state has a defined outcome', async () => {
  const table: Record<string, Record<string, string>> = {}
  for (const event of Object.keys(events)) {
    table[event] = {}
    for (const state of Object.keys(states)) table[event][state] = await outcome(state, event)
  }
  expect(table).toMatchSnapshot()
  const silent = Object.entries(table).flatMap(([event, row]) =>
    Object.entries(row)
      .filter(([, outcome]) => outcome === 'is ignored')
      .map(([state]) => `${event} in ${state}`),
  )
  // Only these may be ignored silently: they refer to nothing.
  expect(silent.filter(pair => !/^(yield|check\.expired|call\.abandoned) in /.test(pair))).toEqual([])
})

test('[M1] every command is answered exactly once in every state', async () => {
  for (const state of Object.keys(states)) {
    for (const command of ['append', 'undo', 'reset', 'preview', 'check', 'push']) {
      const { actor, emitted, settle, requests } = actorOf()
      await states[state]!(e => actor.send(e), settle)
      emitted.length = 0
      actor.send(events[command]!)
      if (state === 'pushing.retrying') actor.send({ type: 'link.up' })
      if (requests.length > 0) await settle('sent')
      if (actor.getSnapshot().context.state.pushing) await settle('sent')
      actor.send({ type: 'close' })
      const own = emitted.filter(e => (e.type === 'answered' || e.type === 'rejected') && e.call === 9)
      expect([state, command, own.length]).toEqual([state, command, 1])
    }
  }
})

test('[P4] a push with a lost answer is retried with its key and isRetry', async () => {
  const { actor, settle, requests } = actorOf()
  await states['pushing.retrying']!(e => actor.send(e), settle)
  actor.send({ type: 'link.up' })
  expect(requests.map(({ request }) => [request.key, request.isRetry, request.content])).toEqual([
    ['k2', false, 'a'],
    ['k2', true, 'a'],
  ])
})

test('[P3] a session replaced during a push keeps the draft and rejects with data.unknown', () => {
  const { actor, emitted } = actorOf()
  states['pushing.publishing']!(
    e => actor.send(e),
    async () => {},
  )
  actor.send({ type: 'append', call: 4, text: 'b' })
  actor.send({ type: 'push', call: 5, key: 'k5' })
  actor.send(events.rejoined!)
  expect(emitted).toContainEqual(expect.objectContaining({ type: 'rejected', call: 2 }))
  expect(emitted).toContainEqual(expect.objectContaining({ type: 'answered', call: 4 }))
  expect(actor.getSnapshot().context.state.pushing).toMatchObject({ key: 'k5' })
  expect(actor.getSnapshot().value).toMatchObject({ draft: { pushing: 'publishing' } })
})

test('[L4] an echo before its verdict is not given; another message of that name is', async () => {
  const { actor, emitted, settle } = actorOf()
  actor.send({ type: 'check', call: 3, at: 0 })
  actor.send({ type: 'append', call: 1, text: 'a' })
  actor.send({ type: 'push', call: 2, key: 'k2' })
  actor.send({ type: 'inbound', item: { type: 'message', message: message(1, 'Claude') } })
  actor.send({ type: 'inbound', item: { type: 'message', message: message(2, 'Claude') } })
  expect(emitted.some(e => e.type === 'answered' && e.call === 3)).toBe(false)
  await settle('sent')
  const push = emitted.find(e => e.type === 'answered' && e.call === 2)
  expect(push).toMatchObject({ answer: { status: 1, seq: 1, messages: [{ seq: 2 }], cursor: 2 } })
  expect(emitted.some(e => e.type === 'answered' && e.call === 3)).toBe(false)
})
