import { expect, test } from 'vitest'
import { virtualClock } from '../memory/virtual-clock.ts'
import { openHub } from './hub.ts'

async function openRoom() {
  const clock = virtualClock()
  const hub = await openHub({ clock })
  const [ada, ben] = [await hub.join({ username: 'Ada' }), await hub.join({ username: 'Ben' })]
  return { clock, hub, admin: hub.admin, ada, ben }
}

test('the admin API lists rooms and participants, and shows no drafts', async () => {
  const { admin, hub, ada } = await openRoom()
  await hub.join({ username: 'Cleo', room: 'other' })
  await ada.append({ text: 'private' })
  expect(admin.rooms()).toEqual([
    { room: 'lobby', closed: false, participants: 2, head: 0 },
    { room: 'other', closed: false, participants: 1, head: 0 },
  ])
  const participants = admin.participants('lobby')
  expect(participants.map(({ sender_id, away, streams }) => [sender_id, away, streams])).toEqual([
    ['Ada', false, 0],
    ['Ben', false, 0],
  ])
  expect(participants[0]!.session_id).toBe(ada.joinResult.session_id)
  expect(JSON.stringify([admin.rooms(), participants])).not.toMatch(/private|token/)
  expect(() => admin.participants('nowhere')).toThrow(expect.objectContaining({ code: 'room-unavailable' }))
})

test('a removed participant gets an error and cannot rejoin under that name for a while', async () => {
  const { clock, admin, hub, ada, ben } = await openRoom()
  const waiting = ada.check({ timeout_ms: 60_000 })
  expect(await admin.remove('lobby', 'ADA', 5000)).toBe(true)
  expect(await admin.remove('lobby', 'Ada')).toBe(false)
  await expect(waiting).resolves.toMatchObject({ status: 0 })
  await expect(ada.append({ text: 'x' })).rejects.toMatchObject({
    code: 'session-unknown',
    message: 'An admin of this server removed you from the room.',
  })
  expect(ben.who().participants).toEqual([{ sender_id: 'Ben' }])
  await expect(hub.join({ username: 'ada' })).rejects.toMatchObject({
    code: 'name-taken',
    data: { retry_after_ms: 5000 },
  })
  await expect(hub.join({ username: 'Ada', room: 'other' })).resolves.toBeDefined()
  await clock.advance(5000)
  await expect(hub.join({ username: 'Ada' })).resolves.toBeDefined()
})

test('a closed room has no participants and refuses joins until it is opened', async () => {
  const { admin, hub, ada, ben } = await openRoom()
  expect(await admin.close('lobby')).toBe(2)
  for (const session of [ada, ben]) {
    await expect(session.check()).rejects.toMatchObject({ code: 'session-unknown' })
  }
  await expect(hub.join({ username: 'Ada' })).rejects.toMatchObject({
    code: 'room-unavailable',
    message: 'The room lobby was closed by its admin: choose another.',
  })
  expect(await admin.close('never-there')).toBe(0)
  expect(admin.rooms()).toEqual([
    { room: 'lobby', closed: true, participants: 0, head: 0 },
    { room: 'never-there', closed: true, participants: 0, head: 0 },
  ])
  expect([admin.open('lobby'), admin.open('lobby')]).toEqual([true, false])
  await expect(hub.join({ username: 'Ada' })).resolves.toBeDefined()
})

test('load() counts rooms, sessions, streams and waiting calls', async () => {
  const { clock, admin, ada, ben } = await openRoom()
  const hears = { messages: () => false, missed: () => {}, presence: () => {}, ended: () => {} }
  const checking = ben.check({ timeout_ms: 1000 })
  ;(await ben.subscribe(hears)).resume()
  await clock.advance(1)
  expect(admin.load()).toEqual({
    rooms: 1,
    unloadedRooms: 0,
    sessions: 2,
    lapsed: 0,
    streams: 1,
    slow: 0,
    waitingChecks: 1,
    waitingPushes: 0,
  })
  await ada.append({ text: 'hello' })
  await ada.push()
  await checking
  expect(admin.load()).toMatchObject({ slow: 1, waitingChecks: 0 })
})
