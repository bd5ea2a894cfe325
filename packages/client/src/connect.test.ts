import { MidsentenceError, memoryJournal, virtualClock } from '@midsentence/core'
import { mockRoom } from '@midsentence/transport-mock'
import { expect, test, vi } from 'vitest'
import { connect } from './connect.ts'

const url = 'http://127.0.0.1:8890'

function lobby() {
  const clock = virtualClock()
  const allowExit = vi.fn()
  const keepProcessAlive = vi.fn(() => allowExit)
  const room = mockRoom({ clock })
  return { room, clock: { ...clock, keepProcessAlive }, advance: clock.advance, keepProcessAlive, allowExit }
}

test('joins under the given name, and keeps the process alive only until then', async () => {
  const { room, clock, advance, keepProcessAlive, allowExit } = lobby()
  const journal = memoryJournal()
  const joining = connect(new URL(url), { username: 'Claude', transport: room.peer(), clock, journal })
  expect([keepProcessAlive.mock.calls.length, allowExit.mock.calls.length]).toEqual([1, 0])
  await advance(100)
  const participant = await joining
  expect(participant.name).toBe('Claude')
  expect(participant.state.session?.room).toBe('lobby')
  expect(journal.facts).toMatchObject([{ type: 'joined' }])
  expect([keepProcessAlive.mock.calls.length, allowExit.mock.calls.length]).toEqual([1, 1])
})

test('a transport that cannot connect is closed, and its error rejects connect', async () => {
  const { room, clock, allowExit } = lobby()
  const transport = room.peer()
  const reason = new MidsentenceError('unavailable', 'No server answers: start one.')
  transport.open = () => Promise.reject(reason)
  const close = vi.spyOn(transport, 'close')
  await expect(connect(url, { username: 'Claude', transport, clock })).rejects.toBe(reason)
  expect(close).toHaveBeenCalledOnce()
  expect(allowExit).toHaveBeenCalledOnce()
})

test.each(['', 'lobby', '127.0.0.1:8890', 'ftp://127.0.0.1:8890', undefined as never])(
  '%j is refused as an address',
  async wrong => {
    const { clock } = lobby()
    await expect(connect(wrong, { username: 'Claude', clock })).rejects.toThrow(
      /^connect takes the address of a server, such as http:\/\/127\.0\.0\.1:8890, not "/,
    )
  },
)

test('an empty name is refused', async () => {
  const { clock } = lobby()
  await expect(connect(url, { username: '', clock })).rejects.toThrow(TypeError)
})
