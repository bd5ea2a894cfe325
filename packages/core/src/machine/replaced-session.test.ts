import { BehaviorSubject, Subject } from 'rxjs'
import { expect, test } from 'vitest'
import { isMidsentenceError } from '../errors.ts'
import { memoryJournal } from '../memory/memory-journal.ts'
import { virtualClock } from '../memory/virtual-clock.ts'
import type { Inbound, Link, PublishRequest, Transport, Verdict } from '../ports/transport.ts'
import type { RoomPolicy } from '../room/settings.ts'
import { transportErrors } from '../rpc-client/transport-errors.ts'
import { join } from './join.ts'

/** Joins Ada over a transport that the test plays. */
async function joined(policy: RoomPolicy = 'hold') {
  const inbound$ = new Subject<Inbound>()
  const link$ = new BehaviorSubject<Link>({ state: 'up' })
  const published: PublishRequest[] = []
  let answer: ((verdict: Verdict) => void) | undefined
  let fail: ((error: unknown) => void) | undefined
  const session = (id: string) => ({ session_id: id, token: id, room: 'lobby', sender_id: 'Ada', log: 'log' })
  const transport: Transport = {
    supports: { ids: true, resume: true, echo: true, conditional: true, keys: true },
    inbound$,
    link$,
    open: async () => ({ session: session('s-1'), cursor: 0, policy, resumed: false }),
    publish: request =>
      new Promise((resolve, reject) => {
        published.push(request)
        answer = resolve
        fail = reject
      }),
    resume: () => {},
    yield: () => {},
    close: async () => {},
  }
  const clock = virtualClock()
  const journal = memoryJournal()
  const ada = await join({ transport, username: 'Ada', clock, journal })
  return {
    ada,
    clock,
    journal,
    link$,
    published,
    sent: (seq: number) =>
      answer!({ sent: true, seq, message_id: `m-${seq}`, timestamp: '2026-01-01T00:00:00.000Z', durability: 'memory' }),
    refused: (error: unknown) => fail!(error),
    /** The server lost the session. Reading goes on at `cursor`. */
    replaced: (cursor: number) =>
      inbound$.next({ type: 'rejoined', welcome: { session: session('s-2'), cursor, policy, resumed: false } }),
  }
}

test('[H4] a push that waited for another one is held if the session was replaced meanwhile', async () => {
  const { ada, clock, published, replaced } = await joined()
  await ada.append('one')
  const first = ada.push()
  const second = ada.append(' two')
  const third = ada.push()
  replaced(1)
  await expect(first).rejects.toMatchObject({ data: { unknown: true } })
  expect(await second).toMatchObject({ missed: { from: 1, to: 1 }, rejoined: 'session' })
  expect(await third).toMatchObject({ status: 0, held: true })
  expect(published).toHaveLength(1)
  void ada.push()
  await clock.settle()
  expect(published[1]).toMatchObject({ content: 'one two', base: 1 })
})

test('[H2] under the annotate policy a push after a replaced session is sent at once', async () => {
  const { ada, clock, sent, replaced } = await joined('annotate')
  await ada.append('one')
  replaced(1)
  const push = ada.push()
  await clock.settle()
  sent(2)
  expect(await push).toMatchObject({ status: 1, missed: { from: 1, to: 1 } })
})

test('[L7] a waiting check ends when messages were missed, and tells which', async () => {
  const { ada, replaced } = await joined()
  const check = ada.check()
  replaced(3)
  expect(await check).toEqual({ status: 0, messages: [], cursor: 3, missed: { from: 1, to: 3 }, rejoined: 'session' })
})

test('[L6] a check that ends with its participant has its cursor', async () => {
  const { ada, clock, link$, sent } = await joined()
  await ada.append('one')
  const push = ada.push()
  await clock.settle()
  sent(1)
  await push
  const check = ada.check()
  link$.next({ state: 'lost', reason: 'The name is taken.' })
  expect(await check).toEqual({ status: 0, messages: [], cursor: 1 })
})

test('[P3] a push that its participant cannot wait for says that its outcome is not certain', async () => {
  const { ada, link$ } = await joined()
  await ada.append('one')
  const push = ada.push()
  link$.next({ state: 'lost', reason: 'The name is taken.' })
  const message = 'The name is taken. It is not certain whether your message was sent.'
  await expect(push).rejects.toMatchObject({ code: 'session-unknown', message, data: { unknown: true } })
  await expect(ada.push()).rejects.toMatchObject({ code: 'session-unknown', data: {} })
})

test('[P3] a push of which its author was told that it was not sent is not in the journal any more', async () => {
  const { ada, clock, journal, refused } = await joined()
  await ada.append('one')
  const push = ada.push().catch((error: unknown) => {
    expect(journal.facts.at(-1)).toEqual({ type: 'refused', unknown: false })
    return isMidsentenceError(error) && error.code
  })
  await clock.settle()
  refused(transportErrors.linkDown('The connection is down.', false))
  expect(await push).toBe('unavailable')
})
