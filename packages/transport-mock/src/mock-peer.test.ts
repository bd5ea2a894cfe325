import { type Inbound, join, type Link, memoryJournal, memoryLog, virtualClock } from '@midsentence/core'
import { expect, test } from 'vitest'
import { type MockRoomOptions, mockRoom } from './mock-room.ts'

const SECRET = 'sixteen bytes or more'

function bench(options: MockRoomOptions = {}) {
  const clock = virtualClock()
  const room = mockRoom({ clock, latency: 5, ...options })
  const open = async (username: string, secret?: string) => {
    const peer = room.peer()
    const inbound: Inbound[] = []
    const links: Link[] = []
    peer.inbound$.subscribe(item => void inbound.push(item))
    peer.link$.subscribe(link => void links.push(link))
    const hello = { room: room.name, username, ...(secret !== undefined && { secret }) }
    return { peer, inbound, links, welcome: await peer.open(hello) }
  }
  return { clock, room, open }
}

test('back from a cut in time, it is who it was; others saw it go and come', async () => {
  const { clock, open } = bench()
  const ada = await open('Ada')
  const ben = await open('Ben')
  await clock.advance(100)
  ben.inbound.length = 0
  ada.peer.fault({ type: 'cut' })
  await clock.advance(80_000)
  expect(ben.inbound).toEqual([{ type: 'presence', sender_id: 'Ada', present: false }])
  ada.peer.fault({ type: 'heal' })
  await clock.advance(100)
  expect(ben.inbound.at(-1)).toEqual({ type: 'presence', sender_id: 'Ada', present: true })
  expect(ada.links.at(-1)).toEqual({ state: 'up' })
  expect(ada.inbound.every(({ type }) => type === 'presence')).toBe(true)
})

test('back after the room gave it up, it comes in anew and tells', async () => {
  const { clock, room, open } = bench()
  const ada = await open('Ada')
  ada.peer.fault({ type: 'cut' })
  await clock.advance(100_000)
  const hub = await room.hub
  const ben = await hub.join({ username: 'Ben' })
  await ben.append({ text: 'without her' })
  await ben.push()
  expect(ben.who().participants).toEqual([{ sender_id: 'Ben' }])
  ada.peer.fault({ type: 'heal' })
  // A line that comes and goes meanwhile makes no second attempt.
  ada.peer.fault({ type: 'cut' })
  ada.peer.fault({ type: 'heal' })
  await clock.advance(100)
  const [rejoined] = ada.inbound.filter(({ type }) => type === 'rejoined')
  expect(rejoined).toMatchObject({ welcome: { resumed: false, cursor: 1, session: { sender_id: 'Ada' } } })
  expect(rejoined).not.toMatchObject({ welcome: { session: { token: ada.welcome.session.token } } })
  expect(ada.links.at(-1)).toEqual({ state: 'up' })
  await ben.append({ text: 'with her' })
  await ben.push()
  await clock.advance(100)
  expect(ada.inbound.at(-1)).toMatchObject({ type: 'message', message: { content: 'with her', seq: 2 } })
})

test('where somebody else took the name meanwhile, the line is lost, and says why', async () => {
  const { clock, open } = bench()
  const ada = await open('Ada')
  ada.peer.fault({ type: 'cut' })
  await clock.advance(100_000)
  await open('Ada')
  ada.peer.fault({ type: 'heal' })
  await clock.advance(100)
  expect(ada.links.at(-1)).toEqual({ state: 'lost', reason: 'The name Ada is taken in lobby: choose another.' })
  const publish = ada.peer.publish({ content: 'still here?', base: 0, key: 'k', isRetry: false })
  await expect(publish).rejects.toMatchObject({ code: 'session-unknown' })
  await ada.peer.close()
})

test('with a secret it is who it was after hours, and it is reached again though nothing else was kept', async () => {
  const { clock, open } = bench()
  const ada = await open('Ada', SECRET)
  expect(ada.welcome.session.secret).toBe(SECRET)
  ada.peer.fault({ type: 'cut' })
  await clock.advance(20 * 3_600_000)
  await expect(open('Ada')).rejects.toMatchObject({ code: 'name-taken' })
  ada.peer.fault({ type: 'heal' })
  await clock.advance(100)
  expect(ada.inbound.some(({ type }) => type === 'rejoined')).toBe(false)
  const again = await open('Ada', SECRET)
  expect(again.welcome).toEqual(ada.welcome)
})

test('how long the room remembers is a setting', async () => {
  const { clock, open } = bench({ times: { lapse_ms: 3_600_000 } })
  const ada = await open('Ada')
  ada.peer.fault({ type: 'cut' })
  await clock.advance(1_800_000)
  ada.peer.fault({ type: 'heal' })
  await clock.advance(100)
  expect(ada.inbound.some(({ type }) => type === 'rejoined')).toBe(false)
  expect(ada.links.at(-1)).toEqual({ state: 'up' })
})

test('closed or cut while it opens', async () => {
  const { clock, room, open } = bench()
  const hasty = room.peer()
  const opening = hasty.open({ room: 'lobby', username: 'Ada' })
  const closing = hasty.close()
  await expect(opening).rejects.toMatchObject({ code: 'session-unknown' })
  await closing
  const unlucky = room.peer()
  const links: Link['state'][] = []
  unlucky.link$.subscribe(({ state }) => void links.push(state))
  const coming = unlucky.open({ room: 'lobby', username: 'Ada' })
  unlucky.fault({ type: 'cut' })
  await coming
  expect(links).toEqual(['down'])
  unlucky.fault({ type: 'heal' })
  expect(links).toEqual(['down', 'up'])
  await open('Ben')
  await clock.advance(100)
  const hub = await room.hub
  const session = await hub.join({ username: 'Cleo' })
  expect(session.who().participants.map(({ sender_id }) => sender_id)).toEqual(['Ada', 'Ben', 'Cleo'])
})

test('a hub that closes ends every line', async () => {
  const { clock, room, open } = bench()
  const ada = await open('Ada')
  const publish = ada.peer.publish({ content: 'too late', base: 0, key: 'k', isRetry: false })
  await (await room.hub).close()
  await expect(publish).rejects.toMatchObject({ code: 'unavailable', data: { unknown: true } })
  expect(ada.links.at(-1)).toEqual({ state: 'lost', reason: 'The server is closing.' })
  ada.peer.fault({ type: 'cut' })
  ada.peer.fault({ type: 'heal' })
  await clock.advance(100)
  expect(ada.links.at(-1)?.state).toBe('lost')
})

test('a resume from beyond what was shown changes nothing', async () => {
  const { clock, room, open } = bench()
  const ada = await open('Ada')
  await clock.advance(100)
  ada.peer.resume(7)
  await clock.advance(100)
  const ben = await (await room.hub).join({ username: 'Ben' })
  await ben.append({ text: 'still heard' })
  await ben.push()
  await clock.advance(100)
  expect(ada.inbound.filter(({ type }) => type === 'message')).toHaveLength(1)
})

test('in an observable room drafts are shown as they are written, whole again behind a cut', async () => {
  const { clock, room, open } = bench({
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
  peer.fault({ type: 'cut' })
  await ada.append('two')
  peer.fault({ type: 'heal' })
  await clock.advance(100)
  expect(seen.at(-1)).toEqual(['Ada', [one, two], true])
})

test('a log that holds messages is gone on with', async () => {
  const log = memoryLog()
  const before = bench({ log })
  const speaker = await (await before.room.hub).join({ username: 'Ada' })
  await speaker.append({ text: 'one' })
  await speaker.push()
  const { room } = bench({ log })
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

test('[J1] over a room that forgot it, a participant goes on with its draft and says so', async () => {
  const { clock, room } = bench()
  const journal = memoryJournal()
  const peer = room.peer()
  const ada = await join({ transport: peer, username: 'Ada', clock, journal })
  await ada.append('half a ')
  const other = bench()
  const again = await join({ transport: other.room.peer(), username: 'Ada', clock: other.clock, journal })
  expect(await again.append('sentence')).toMatchObject({ suffix: 'half a sentence', rejoined: true })
})
