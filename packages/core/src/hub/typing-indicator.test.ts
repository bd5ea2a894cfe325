import { newHub } from '@midsentence/testing/harness/hub-harness'
import { expect, test } from 'vitest'
import { memoryLog } from '../memory/memory-log.ts'
import { memorySessions } from '../memory/memory-sessions.ts'
import { defaultPolicy } from '../ports/policy.ts'
import type { LocalSession } from './hub-api.ts'

const writersIn = (session: LocalSession) =>
  session.who().participants.flatMap(({ sender_id, writing }) => (writing ? [sender_id] : []))

test('[L10] `who` tells at once who writes; a stream tells after a second, and of the end', async () => {
  const { clock, join, listen } = await newHub()
  const [ada, bo] = [await join('Ada'), await join('Bo')]
  const { seen } = await listen(bo)
  seen.length = 0
  await ada.append({ text: 'Hel' })
  expect(writersIn(bo)).toEqual(['Ada'])
  await clock.advance(999)
  expect(seen).toEqual([])
  await clock.advance(1)
  expect(seen).toEqual(['writing Ada'])
  await ada.push()
  expect(writersIn(bo)).toEqual([])
  await clock.advance(1000)
  expect(seen).toEqual(['writing Ada', 'not writing Ada'])
  await clock.advance(200_000)
  expect(seen.slice(2)).not.toContain('writing Ada')
})

test('[L10] a draft that is sent within a second causes no event', async () => {
  const { clock, join, say, listen } = await newHub()
  const [ada, bo] = [await join('Ada'), await join('Bo')]
  const { seen } = await listen(bo)
  seen.length = 0
  for (let n = 0; n < 5; n++) {
    await say(ada, `${n}`)
    await clock.advance(900)
  }
  expect(seen).toEqual([])
})

test('[L10] the mark ends a minute after the last change, and by undo, reset, away and leave', async () => {
  const { clock, join, listen } = await newHub()
  const [ada, bo] = [await join('Ada'), await join('Bo')]
  await listen(ada)
  const { seen } = await listen(bo)
  await ada.append({ text: 'one' })
  await clock.advance(30_000)
  await ada.append({ text: 'two' })
  await clock.advance(59_000)
  expect(writersIn(bo)).toEqual(['Ada'])
  seen.length = 0
  await clock.advance(1000)
  expect([writersIn(bo), seen]).toEqual([[], ['not writing Ada']])
  await ada.undo()
  await clock.advance(1000)
  expect(writersIn(bo)).toEqual(['Ada'])
  await ada.undo()
  expect(writersIn(bo)).toEqual([])
  await ada.append({ text: 'three' })
  await clock.advance(1000)
  await ada.reset()
  expect(writersIn(bo)).toEqual([])
  await ada.append({ text: 'four' })
  await clock.advance(1000)
  seen.length = 0
  await ada.leave()
  await clock.advance(100_000)
  expect(seen).toEqual(['-Ada'])
})

test('[L10] a participant that is away does not write, and a new stream begins with who does', async () => {
  const { clock, join, listen } = await newHub()
  const [ada, bo] = [await join('Ada'), await join('Bo')]
  const { seen } = await listen(bo)
  await ada.append({ text: 'Hel' })
  await clock.advance(1000)
  expect((await listen(bo)).seen).toEqual(['+Ada', 'writing Ada', '+Bo'])
  seen.length = 0
  await clock.advance(29_000)
  expect(seen).toEqual(['-Ada'])
  expect(bo.who().participants).toEqual([{ sender_id: 'Ada', away: true }, { sender_id: 'Bo' }])
  expect((await listen(bo)).seen).toEqual(['+Bo'])
  ada.yield()
  expect(writersIn(bo)).toEqual([])
})

test('[L10] the client of a local draft tells one bit, which its message ends', async () => {
  const { clock, hub, join, listen } = await newHub()
  const [ada, bo] = [await join('Ada'), await join('Bo')]
  const { seen } = await listen(bo)
  seen.length = 0
  ada.showWriting(true)
  await clock.settle()
  expect([seen, writersIn(bo)]).toEqual([['writing Ada'], ['Ada']])
  expect(hub.admin.participants('lobby')).toMatchObject([{ writing: true }, { writing: false }])
  await ada.publish({ content: 'Hello', base: 0, key: 'k' })
  expect(writersIn(bo)).toEqual([])
  ada.showWriting(true)
  ada.showWriting(false)
  expect(writersIn(bo)).toEqual([])
  await clock.advance(5000)
  expect(seen).toEqual(['writing Ada', 'not writing Ada'])
})

test('[L10] an observable room sees from the draft who writes', async () => {
  const { clock, join } = await newHub({ policy: { ...defaultPolicy, access: () => ({ observable: true }) } })
  const [ada, bo] = [await join('Ada'), await join('Bo')]
  ada.showDraft([{ type: 'appended', text: 'Hel', base: 0 }], 1)
  expect(writersIn(bo)).toEqual(['Ada'])
  ada.showDraft([{ type: 'reset' }], 2)
  expect(writersIn(bo)).toEqual([])
  await clock.advance(1000)
})

test('[L10] at most one change of a participant, and 20 of a room, are sent in a second', async () => {
  const { clock, join, listen } = await newHub()
  const bo = await join('Bo')
  const others = await Promise.all(Array.from({ length: 50 }, (_, n) => join(`p${n}`)))
  const { seen } = await listen(bo)
  const sent = async (ms: number) => {
    seen.length = 0
    await clock.advance(ms)
    return seen.length
  }
  for (const other of others) other.showWriting(true)
  expect([await sent(0), await sent(999), await sent(1), await sent(1000), await sent(5000)]).toEqual([
    20, 0, 20, 10, 0,
  ])
  const [ada] = others
  for (let n = 0; n < 100; n++) {
    ada!.showWriting(n % 2 === 0)
    await clock.advance(50)
  }
  expect(seen.length).toBeLessThanOrEqual(6)
})

test('[L10] a participant or a room turns it off, also after a restart', async () => {
  const [log, sessions] = [memoryLog(), memorySessions()]
  const access = (room: string) => ({ typing_indicator: room !== 'quiet' })
  const options = { log, sessions, policy: { ...defaultPolicy, access } }
  const first = await newHub(options)
  const secret = 'sixteen bytes or more'
  const ada = await first.hub.join({ username: 'Ada', typing_indicator: false, secret })
  const bo = await first.join('Bo')
  const cleo = await first.join('Cleo', 'quiet')
  for (const session of [ada, bo, cleo]) {
    await session.append({ text: 'x' })
    session.showWriting(true)
  }
  expect([writersIn(bo), writersIn(cleo)]).toEqual([['Bo'], []])
  await first.hub.close()
  const second = await newHub(options)
  const again = await second.hub.join({ username: 'Ada', secret })
  await again.append({ text: 'y' })
  again.showWriting(true)
  expect(writersIn(again)).toEqual([])
})

test('[L10] a participant that writes holds nothing and moves no cursor', async () => {
  const { clock, join, listen } = await newHub()
  const [ada, bo] = [await join('Ada'), await join('Bo')]
  const received = await listen(bo)
  await bo.append({ text: 'one' })
  await ada.append({ text: 'Hel' })
  ada.showWriting(true)
  await clock.advance(2000)
  expect(received.seqs).toEqual([])
  expect(bo.snapshotCursor()).toEqual({ cursor: 0, shown: 0 })
  expect(await bo.push()).toMatchObject({ status: 1, seq: 1 })
})
