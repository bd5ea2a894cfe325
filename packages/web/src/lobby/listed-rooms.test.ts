import { expect, test } from 'vitest'
import { readListedRooms } from './listed-rooms.ts'

test('rooms of an answer are read, and what is no room is left out', () => {
  const rooms = [
    {
      room: 'demo',
      participants: [{ sender_id: 'Ada' }, { sender_id: 7 }, null],
      last_at: '2026-01-01T00:00:00.000Z',
      recorded: true,
    },
    { room: 'lobby', participants: [] },
    { room: 7, participants: [] },
    { room: 'x' },
    null,
  ]
  expect(readListedRooms({ rooms })).toEqual([
    { room: 'demo', names: ['Ada'], lastAt: '2026-01-01T00:00:00.000Z', isRecorded: true },
    { room: 'lobby', names: [], lastAt: undefined, isRecorded: false },
  ])
  for (const answer of [undefined, null, 'x', {}, { rooms: {} }]) expect(readListedRooms(answer)).toEqual([])
})
