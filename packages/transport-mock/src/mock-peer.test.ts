import { type Inbound, join, type Link, memoryJournal, memoryLog, virtualClock } from '@midsentence/core'
import { expect, test } from 'vitest'
import { type MockRoomOptions, mockRoom } from './mock-room.ts'

const SECRET = 'sixteen bytes or more'

function harness(options: MockRoomOptions = {}) {
  const clock = virtualClock()
  const room = mockRoom({ clock, latency: 5, ...options })
  const open = async (username: string, secret?: string) => {
    const peer = room.peer()
    const inbound: Inbound[] = []
    const links: Link[] = []
    peer.inbound$.subscribe(item => void inbound.push(item))
    peer.link$.subscribe(link => void links.push(link))
    const request = { room: room.name, username, ...(secret !== undefined && { secret }) }
    return { peer, inbound, links, result: await peer.open(request) }
  }
  return { clock, room, open }
}

test('a peer that reconnects within the session lifetime resumes; others see its presence change twice', async () => {
  const { clock, open } = harness()
  const ada = await open('Ada')
  const ben = await open('Ben')
  await clock.advance(100)
  ben.inbound.length = 0
  ada.peer.injectFault({ type: 'cut' })
  await clock.advance(80_000)
  expect(ben.inbound).toEqual([{ type: 'presence', sender_id: 'Ada', present: false }])
  ada.peer.injectFault({ type: 'restore' })
  await clock.advance(100)
  expect(ben.inbound.at(-1)).toEqual({ type: 'presence', sender_id: 'Ada', present: true })
  expect(ada.links.at(-1)).toEqual({ state: 'up' })
  expect(ada.inbound.every(({ type }) => type === 'presence')).toBe(true)
})

test('a peer that reconnects after its session expired joins again and emits rejoined', async () => {
  const { clock, room, open } = harness({ times: { session_ms: 95_000 } })
  const ada = await open('Ada')
  ada.peer.injectFault({ type: 'cut' })
  await clock.advance(100_000)
  const hub = await room.hub
  const ben = await hub.join({ username: 'Ben' })
  await ben.append({ text: 'without her' })
  await ben.push()
  expect((await ben.who()).participants).toEqual([{ sender_id: 'Ben' }])
  ada.peer.injectFault({ type: 'restore' })
  // A second cut while it rejoins starts no second attempt.
  ada.peer.injectFault({ type: 'cut' })
  ada.peer.injectFault({ type: 'restore' })
  await clock.advance(100)
  const [rejoined] = ada.inbound.filter(({ type }) => type === 'rejoined')
  expect(rejoined).toMatchObject({ welcome: { resumed: false, cursor: 1, session: { sender_id: 'Ada' } } })
  expect(rejoined).not.toMatchObject({ welcome: { session: { token: ada.result.session.token } } })
  expect(ada.links.at(-1)).toEqual({ state: 'up' })
  await ben.append({ text: 'with her' })
  await ben.push()
  await clock.advance(100)
  expect(ada.inbound.at(-1)).toMatchObject({ type: 'message', message: { content: 'with her', seq: 2 } })
})

test('a rejoin under a name that was taken ends the link and gives the reason', async () => {
  const { clock, open } = harness({ times: { session_ms: 95_000 } })
  const ada = await open('Ada')
  ada.peer.injectFault({ type: 'cut' })
  await clock.advance(100_000)
  await open('Ada')
  ada.peer.injectFault({ type: 'restore' })
  await clock.advance(100)
  expect(ada.links.at(-1)).toEqual({
    state: 'lost',
    reason: expect.stringContaining('The name "Ada" is taken in lobby'),
  })
  const publish = ada.peer.publish({ content: 'still here?', base: 0, key: 'k', isRetry: false })
  await expect(publish).rejects.toMatchObject({ code: 'session-unknown' })
  await ada.peer.close()
})

test('with a secret, a peer resumes after hours, and a new peer reaches the same session', async () => {
  const { clock, open } = harness()
  const ada = await open('Ada', SECRET)
  expect(ada.result.session.secret).toBe(SECRET)
  ada.peer.injectFault({ type: 'cut' })
  await clock.advance(20 * 3_600_000)
  ada.peer.injectFault({ type: 'restore' })
  await clock.advance(100)
  expect(ada.inbound.some(({ type }) => type === 'rejoined')).toBe(false)
  const again = await open('Ada', SECRET)
  expect(again.result).toEqual(ada.result)
})

test('`times` sets the session lifetime', async () => {
  const { clock, open } = harness({ times: { session_ms: 3_600_000 } })
  const ada = await open('Ada')
  ada.peer.injectFault({ type: 'cut' })
  await clock.advance(1_800_000)
  ada.peer.injectFault({ type: 'restore' })
  await clock.advance(100)
  expect(ada.inbound.some(({ type }) => type === 'rejoined')).toBe(false)
  expect(ada.links.at(-1)).toEqual({ state: 'up' })
})

test('close and cut during open', async () => {
  const { clock, room, open } = harness()
  const closedEarly = room.peer()
  const opening = closedEarly.open({ room: 'lobby', username: 'Ada' })
  const closing = closedEarly.close()
  await expect(opening).rejects.toMatchObject({ code: 'session-unknown' })
  await closing
  const cutEarly = room.peer()
  const links: Link['state'][] = []
  cutEarly.link$.subscribe(({ state }) => void links.push(state))
  const coming = cutEarly.open({ room: 'lobby', username: 'Ada' })
  cutEarly.injectFault({ type: 'cut' })
  await coming
  expect(links).toEqual(['down'])
  cutEarly.injectFault({ type: 'restore' })
  expect(links).toEqual(['down', 'up'])
  await open('Ben')
  await clock.advance(100)
  const hub = await room.hub
  const session = await hub.join({ username: 'Cleo' })
  expect((await session.who()).participants.map(({ sender_id }) => sender_id)).toEqual(['Ada', 'Ben', 'Cleo'])
})

test('closing the hub ends every link', async () => {
  const { clock, room, open } = harness()
  const ada = await open('Ada')
  const publish = ada.peer.publish({ content: 'too late', base: 0, key: 'k', isRetry: false })
  await (await room.hub).close()
  await expect(publish).rejects.toMatchObject({ code: 'unavailable', data: { unknown: true } })
  expect(ada.links.at(-1)).toEqual({ state: 'lost', reason: 'The server is closing.' })
  ada.peer.injectFault({ type: 'cut' })
  ada.peer.injectFault({ type: 'restore' })
  await clock.advance(100)
  expect(ada.links.at(-1)?.state).toBe('lost')
})

test('a resume above the shown seq changes nothing', async () => {
  const { clock, room, open } = harness()
  const ada = await open('Ada')
  await clock.advance(100)
  ada.peer.resume(7)
  await clock.advance(100)
  const ben = await (await room.hub).join({ username: 'Ben' })
  await ben.append({ text: 'still delivered' })
  await ben.push()
  await clock.advance(100)
  expect(ada.inbound.filter(({ type }) => type === 'message')).toHaveLength(1)
})

test('observers of an observable room see drafts as they are written, and the whole draft after a cut', async () => {
  const { clock, room, open } = harness({
    policy: { room: () => ({}), limits: () => ({}), access: () => ({ observable: true }) },
  })
  const peer = room.peer()
  const ada = await join({ transport: peer, username: 'Ada', clock })
  await open('Ben')
  const seen: unknown[] = []
  const ignore = () => {}
  const hub = await room.hub
  hub.observe('lobby', {
    messages: ignore,
    presence: ignore,
    ended: ignore,
    draft: (name, facts, whole) => void seen.push([name, facts, whole]),
  })
  await ada.append('one')
  await clock.advance(100)
  const one = { type: 'appended', text: 'one', base: 0 }
  const two = { type: 'appended', text: 'two', base: 0 }
  expect(seen).toEqual([
    ['Ada', [], true],
    ['Ada', [one], true],
  ])
  peer.injectFault({ type: 'cut' })
  await ada.append('two')
  peer.injectFault({ type: 'restore' })
  await clock.advance(100)
  expect(seen.at(-1)).toEqual(['Ada', [one, two], true])
})

test('a room continues a log that already holds messages', async () => {
  const log = memoryLog()
  const before = harness({ log })
  const earlier = await (await before.room.hub).join({ username: 'Ada' })
  await earlier.append({ text: 'one' })
  await earlier.push()
  const { room } = harness({ log })
  const ada = await (await room.hub).join({ username: 'Ada' })
  await ada.append({ text: 'two' })
  await ada.push()
  expect(room.messages.map(({ seq, content }) => [seq, content])).toEqual([
    [1, 'one'],
    [2, 'two'],
  ])
  const elsewhere = await (await room.hub).join({ username: 'Ada', room: 'elsewhere' })
  await elsewhere.append({ text: 'not here' })
  await elsewhere.push()
  expect(room.messages).toHaveLength(2)
})

test('[J1] in a room that lost its session, a participant keeps its draft and answers `rejoined`', async () => {
  const { clock, room } = harness()
  const journal = memoryJournal()
  const peer = room.peer()
  const ada = await join({ transport: peer, username: 'Ada', clock, journal })
  await ada.append('half a ')
  const other = harness()
  const again = await join({ transport: other.room.peer(), username: 'Ada', clock: other.clock, journal })
  expect(await again.append('sentence')).toMatchObject({ suffix: 'half a sentence', rejoined: 'room' })
})
