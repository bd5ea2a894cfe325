import { expect, test } from 'vitest'
import { MidsentenceError } from '../errors.ts'
import { virtualClock } from '../memory/virtual-clock.ts'
import { ServerAddresses } from './server-addresses.ts'
import { SessionClient } from './session-client.ts'

const joined = { session_id: 's-1', token: 't', room: 'lobby', sender_id: 'Ada', log: 'log', cursor: 0, policy: 'hold' }
const full = new MidsentenceError('room-unavailable', 'The room lobby is full: 2 at a time.')

function clientOf(answers: readonly (object | MidsentenceError)[]) {
  const left = [...answers]
  const clock = virtualClock()
  const call = async () => {
    const answer = left.shift()
    if (answer instanceof MidsentenceError) throw answer
    return answer
  }
  const client = new SessionClient({ call, notify: async () => {} }, new ServerAddresses(['http://room']), clock)
  const join = () => client.join({ room: 'lobby', username: 'Ada', secret: 'sixteen bytes at least' }, 5000)
  return { client, join }
}

test('[A4] a session whose place is taken is tried again, and comes back', async () => {
  const { client, join } = clientOf([joined, full, joined])
  await join()
  await expect(client.rejoin()).rejects.toMatchObject({
    outcomeUnknown: false,
    message: expect.stringContaining('full'),
  })
  expect(await client.rejoin()).toMatchObject({ resumed: true })
})

test('a first join of a full room is refused', async () => {
  await expect(clientOf([full]).join()).rejects.toMatchObject({ code: 'room-unavailable' })
})
