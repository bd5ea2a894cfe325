import { MidsentenceError, memoryJournal, virtualClock } from '@midsentence/core'
import { mockRoom } from '@midsentence/transport-mock'
import { expect, test, vi } from 'vitest'
import { connect } from './connect.ts'

const url = 'http://127.0.0.1:8890'

function lobby() {
  const clock = virtualClock()
  const asleep = vi.fn()
  const keepProcessAlive = vi.fn(() => asleep)
  const room = mockRoom({ clock })
  return { room, clock: { ...clock, keepProcessAlive }, advance: clock.advance, keepProcessAlive, asleep }
}

test('joins as who it says, and keeps the process awake only until then', async () => {
  const { room, clock, advance, keepProcessAlive, asleep } = lobby()
  const journal = memoryJournal()
  const joining = connect(new URL(url), { username: 'Claude', transport: room.peer(), clock, journal })
  expect([keepProcessAlive.mock.calls.length, asleep.mock.calls.length]).toEqual([1, 0])
  await advance(100)
  const participant = await joining
  expect(participant.name).toBe('Claude')
  expect(participant.state.session?.room).toBe('lobby')
  expect(journal.facts).toMatchObject([{ type: 'joined' }])
  expect([keepProcessAlive.mock.calls.length, asleep.mock.calls.length]).toEqual([1, 1])
})

test('a transport that cannot connect is closed, and its reason told', async () => {
  const { room, clock, asleep } = lobby()
  const transport = room.peer()
  const reason = new MidsentenceError('unavailable', 'Nobody is there: start the server.')
  transport.open = () => Promise.reject(reason)
  const close = vi.spyOn(transport, 'close')
  await expect(connect(url, { username: 'Claude', transport, clock })).rejects.toBe(reason)
  expect(close).toHaveBeenCalledOnce()
  expect(asleep).toHaveBeenCalledOnce()
})

test.each(['', 'lobby', '127.0.0.1:8890', 'ftp://127.0.0.1:8890', undefined as never])(
  '%j is no address',
  async wrong => {
    const { clock } = lobby()
    await expect(connect(wrong, { username: 'Claude', clock })).rejects.toThrow(
      /^connect takes the address of a server, as http:\/\/127\.0\.0\.1:8890, not "/,
    )
  },
)

test('a name is needed', async () => {
  const { clock } = lobby()
  await expect(connect(url, { username: '', clock })).rejects.toThrow(TypeError)
})
