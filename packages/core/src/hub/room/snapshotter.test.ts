import { expect, test } from 'vitest'
import { memoryLog } from '../../memory/memory-log.ts'
import { memorySessions } from '../../memory/memory-sessions.ts'
import type { RoomLog } from '../../ports/room-log.ts'
import { openHub } from '../hub.ts'

/** A log with 20 messages, whose hub ended without a snapshot. */
async function filledLog(): Promise<RoomLog> {
  const log = memoryLog()
  const hub = await openHub({ log: { ...log, snapshots: undefined! }, sessions: memorySessions() })
  const ada = await hub.join({ room: 'lobby', username: 'Ada' })
  for (let seq = 1; seq <= 20; seq++) await ada.publish({ content: `${seq}`, base: seq - 1, key: `${seq}` })
  return log
}

const savedHead = async ({ snapshots }: RoomLog): Promise<unknown> => {
  const saved = await snapshots!.load('lobby')
  return (saved?.state as { readonly sequence: { readonly head: number } } | undefined)?.sequence.head
}

test.each([
  [21, 21],
  [22, undefined],
])('records that opening a room had to read count towards its next snapshot: interval %i', async (records, head) => {
  const log = await filledLog()
  const hub = await openHub({ log, sessions: memorySessions(), snapshotEvery: { records } })
  const ben = await hub.join({ room: 'lobby', username: 'Ben' })
  await ben.publish({ content: 'first', base: 20, key: 'a' })
  expect(await savedHead(log)).toBe(head)
})

test('a hub that only read a room saves what it had to read, once', async () => {
  const log = await filledLog()
  let saves = 0
  const snapshots = {
    ...log.snapshots!,
    save: async (...saved: Parameters<NonNullable<RoomLog['snapshots']>['save']>) => {
      saves++
      await log.snapshots!.save(...saved)
    },
  }
  for (let opened = 0; opened < 2; opened++) {
    const hub = await openHub({ log: { ...log, snapshots, close: async () => {} }, sessions: memorySessions() })
    await hub.join({ room: 'lobby', username: 'Ben' })
    await hub.close()
  }
  expect([saves, await savedHead(log)]).toEqual([1, 20])
})
