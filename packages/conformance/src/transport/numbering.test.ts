import {
  type Inbound,
  join,
  type Link,
  type Message,
  MidsentenceError,
  type Supports,
  type Transport,
  virtualClock,
} from '@midsentence/core'
import { BehaviorSubject, Subject } from 'rxjs'
import { expect, test } from 'vitest'

const message = (seq: number, sender_id = 'Ben'): Inbound => ({
  type: 'message',
  message: {
    message_id: `m${seq}`,
    sender_id,
    content: `${sender_id} ${seq}`,
    timestamp: '2026-01-01T00:00:00.000Z',
    seq,
  },
})

/** Ada's participant over a line that brings what the test says, and writes down what is asked of it. */
async function scripted(resume: Supports['resume'], conditional: Supports['conditional'] = true) {
  const inbound$ = new Subject<Inbound>()
  const link$ = new BehaviorSubject<Link>({ state: 'up' })
  const asked: number[] = []
  const published: number[] = []
  const session = { session_id: 's', token: 't', room: 'lobby', sender_id: 'Ada', log: 'log' }
  const transport: Transport = {
    supports: { ids: true, resume, echo: true, conditional, keys: true },
    inbound$,
    link$,
    open: async () => ({ session, cursor: 4, policy: 'hold', resumed: false }),
    publish: async ({ base }) => {
      published.push(base)
      throw new MidsentenceError('unavailable', 'Nothing can be sent here.')
    },
    resume: after => void asked.push(after),
    yield: () => {},
    close: async () => {},
  }
  const participant = await join({ transport, username: 'Ada', clock: virtualClock() })
  const read = async () => {
    const { messages, missed } = await participant.preview()
    return { seqs: messages.map((m: Message) => m.seq), missed }
  }
  return { inbound$, asked, published, participant, read }
}

test('[L3] over a resuming transport a gap is requested before anything after it is delivered', async () => {
  const { inbound$, asked, read } = await scripted(true)
  inbound$.next(message(5))
  inbound$.next(message(7))
  expect(await read()).toEqual({ seqs: [5], missed: undefined })
  expect(asked).toEqual([5])
  inbound$.next(message(6))
  expect(await read()).toEqual({ seqs: [6, 7], missed: undefined })
})

test('[L3] over a transport that cannot resume, messages after a gap are delivered and the gap is reported', async () => {
  const { inbound$, asked, read } = await scripted({ no: 'It keeps nothing.' })
  inbound$.next(message(5))
  inbound$.next(message(7))
  expect(await read()).toEqual({ seqs: [5, 7], missed: { from: 6, to: 6 } })
  expect(asked).toEqual([])
})

test('[L4] a message of another session under the own name is delivered', async () => {
  const { inbound$, read } = await scripted(true)
  inbound$.next(message(5, 'Ada'))
  expect((await read()).seqs).toEqual([5])
})

test('[N3] if the room can hold, a push is published with its base, regardless of arrived messages', async () => {
  const { inbound$, published, participant } = await scripted(true)
  await participant.append('mine')
  inbound$.next(message(5))
  await expect(participant.push()).rejects.toMatchObject({ code: 'unavailable' })
  expect(published).toEqual([4])
})

test('[N3] if the room cannot hold, the participant holds by received messages three times, then sends', async () => {
  const { inbound$, published, participant } = await scripted(true, { no: 'It sends every message.' })
  await participant.append('mine')
  for (let seq = 5; seq <= 7; seq++) {
    inbound$.next(message(seq))
    expect(await participant.push()).toMatchObject({ held: true, messages: [{ seq }] })
  }
  expect(published).toEqual([])
  inbound$.next(message(8))
  await expect(participant.push()).rejects.toMatchObject({ code: 'unavailable' })
  expect(published).toEqual([7])
})
