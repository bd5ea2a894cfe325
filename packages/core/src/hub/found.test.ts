import { expect, test } from 'vitest'
import { memorySessions } from '../memory/memory-sessions.ts'
import { virtualClock } from '../memory/virtual-clock.ts'
import { openHub } from './index.ts'

/** Counterexamples that were found by playing at random, each kept as the shortest story that shows it. */

async function two() {
  const hub = await openHub({ clock: virtualClock() })
  const ada = await hub.join({ username: 'Ada' })
  const ben = await hub.join({ username: 'Ben' })
  const says = async (content: string) => {
    await ben.append({ text: content })
    while ((await ben.push()).status === 0);
  }
  return { hub, ada, ben, says }
}

test.each([false, true])(
  '[P4] an answer told again tells the cursor it told, though nothing had been said then (notification: %s)',
  async silent => {
    const { ada, says } = await two()
    const first = await ada.append({ text: 'a', key: 'k' }, { silent })
    await says('one')
    await ada.check()
    // One who then says `after: 1` would never be given what the lost answer of the check held.
    expect(await ada.append({ text: 'a', key: 'k' })).toEqual(first)
  },
)

test('[H1] a base below what one may read is raised to that: nobody is held by what it is never shown', async () => {
  const { hub, says } = await two()
  await says('before she came')
  const cleo = await hub.join({ username: 'Cleo' })
  expect(await cleo.publish({ content: 'hello', base: 0, key: 'k' })).toMatchObject({ status: 1, seq: 2 })
})

test('[L1] a check that a later one ends at once still says what its caller has', async () => {
  const { ada, says } = await two()
  const ignore = () => {}
  const stream = await ada.listen({ messages: () => true, missed: ignore, presence: ignore, ended: ignore })
  stream.go()
  await says('seen on the stream')
  const first = ada.check({ after: 1 })
  const second = ada.check({ timeout_ms: 0 })
  expect(await first).toMatchObject({ status: 0, messages: [] })
  expect(await second).toMatchObject({ status: 0, messages: [], cursor: 1 })
})

test('[A5] a session that left keeps nothing any more, not even what its waiting push came to', async () => {
  const sessions = memorySessions()
  const policy = { room: () => ({ holds_for_floor: 1 }), limits: () => ({}) }
  const hub = await openHub({ clock: virtualClock(), sessions, policy })
  const ada = await hub.join({ username: 'Ada' })
  const ben = await hub.join({ username: 'Ben' })
  await ada.publish({ content: 'one', base: 0, key: 'k' })
  expect(await ben.publish({ content: 'two', base: 0, key: 'k' })).toMatchObject({ floor: { name: 'Ben' } })
  const waiting = ada.publish({ content: 'three', base: 1, key: 'waits for the floor' })
  await ada.leave()
  await expect(waiting).rejects.toMatchObject({ code: 'session-unknown' })
  await ben.leave()
  const left: unknown[] = []
  for await (const record of sessions.read()) left.push(record)
  expect(left).toEqual([])
})

test('[L1] what a call gave while a check read the log is not given by the check as well', async () => {
  for (let turns = 0; turns < 30; turns++) {
    const hub = await openHub({ clock: virtualClock(), tail: 1 })
    const ada = await hub.join({ username: 'Ada' })
    const ben = await hub.join({ username: 'Ben' })
    const check = ada.check()
    // A notification moves no cursor, not even over what it sends: what is beyond it must be read from the log.
    for (const key of ['a', 'b', 'c']) await ada.publish({ content: key, base: 0, key }, { silent: true })
    await ben.check()
    const said = ben.publish({ content: 'once', base: 3, key: 'k' })
    for (let turn = 0; turn < turns; turn++) await undefined
    const preview = ada.preview()
    await said
    await ada.check({ timeout_ms: 0 })
    const answers = await Promise.all([preview, check])
    expect(answers.flatMap(({ messages }) => messages.map(({ content }) => content))).toEqual(['once'])
  }
})
