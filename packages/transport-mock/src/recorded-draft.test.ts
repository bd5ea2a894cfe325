import { defaultPolicy, join, type ScoreRecord, virtualClock } from '@midsentence/core'
import { expect, test } from 'vitest'
import { mockRoom } from './mock-room.ts'

test('[I3] a draft that a lost connection took is recorded before the message that it becomes', async () => {
  const clock = virtualClock()
  const access = () => ({ observable: true, recorded: true })
  const room = mockRoom({ clock, latency: 5, policy: { ...defaultPolicy, access } })
  const records: ScoreRecord[] = []
  const watch = await (await room.hub).watch!(
    { room: room.name },
    { records: batch => records.push(...batch) > 0, missed: () => {}, ended: () => {} },
  )
  watch.resume()
  const transport = room.peer()
  const ada = await join({ transport, username: 'Ada', clock })
  await clock.advance(100)
  void ada.append('one ')
  void ada.append('two')
  const pushed = ada.push()
  await Promise.resolve()
  transport.injectFault({ type: 'cut' })
  await clock.advance(50)
  transport.injectFault({ type: 'restore' })
  await clock.advance(1000)
  expect(await pushed).toMatchObject({ status: 1, seq: 1 })
  expect(records.map(({ type }) => type).filter(type => type !== 'state')).toEqual([
    'joined',
    'appended',
    'appended',
    'message',
    'pushed',
    'given',
  ])
})
