import { defaultPolicy, join, type Transport, virtualClock } from '@midsentence/core'
import { expect, test } from 'vitest'
import { type MockRoomOptions, mockRoom } from './mock-room.ts'

async function harness(options: MockRoomOptions = {}) {
  const clock = virtualClock()
  const room = mockRoom({ clock, latency: 5, ...options })
  const open = async (username: string, more: { readonly typing_indicator?: boolean } = {}) => {
    const transport = room.peer()
    const told: boolean[] = []
    const { showWriting } = transport
    transport.showWriting = writing => {
      told.push(writing)
      showWriting!.call(transport, writing)
    }
    return { transport, told, participant: await join({ transport, username, clock, ...more }) }
  }
  const ada = await open('Ada')
  const ben = await open('Ben')
  await clock.advance(100)
  return { clock, room, open, ada, ben, writers: () => [...ben.participant.view.writing] }
}

test('[L10] a participant learns who of the others writes, by `view`, `who` and events', async () => {
  const { clock, ada, ben, writers } = await harness()
  const events: unknown[] = []
  ben.participant.events$.subscribe(event => {
    if (event.type === 'presence.changed') events.push([event.sender_id, event.present, event.writing])
  })
  await ada.participant.append('Hel')
  await clock.advance(500)
  expect(writers()).toEqual([])
  await clock.advance(1000)
  expect(writers()).toEqual(['Ada'])
  expect(ben.participant.who()).toEqual({ present: ['Ada', 'Ben'], writing: ['Ada'] })
  expect([...ada.participant.view.writing]).toEqual([])
  const pushed = ada.participant.push()
  await clock.advance(20)
  expect((await pushed).status).toBe(1)
  // Its message ends it, before the event does.
  expect([ben.participant.view.unseen, writers()]).toEqual([1, []])
  await clock.advance(5000)
  expect(events.filter(event => JSON.stringify(event) === '["Ada",true,true]')).toHaveLength(1)
  expect(events.at(-1)).toEqual(['Ada', true, false])
  expect(ben.participant.who()).toEqual({ present: ['Ada', 'Ben'] })
})

test('[L10] a draft that is sent at once costs no call; a longer one few', async () => {
  const { clock, ada } = await harness()
  for (let n = 0; n < 3; n++) {
    await ada.participant.append('quick')
    const pushed = ada.participant.push()
    await clock.advance(800)
    await pushed
  }
  expect(ada.told).toEqual([])
  for (let n = 0; n < 300; n++) {
    await ada.participant.append('word ')
    await clock.advance(100)
  }
  expect(ada.told).toEqual([true, true, true])
  await ada.participant.undo()
  await clock.advance(0)
  expect(ada.told).toHaveLength(3)
  await ada.participant.reset()
  await clock.advance(0)
  expect(ada.told.slice(3)).toEqual([false])
})

test('[L10] a lost connection forgets who writes, and tells it again', async () => {
  const { clock, ada, ben, writers } = await harness()
  await ada.participant.append('Hel')
  await clock.advance(2000)
  expect(writers()).toEqual(['Ada'])
  ben.transport.injectFault({ type: 'cut' })
  expect(writers()).toEqual([])
  ben.transport.injectFault({ type: 'restore' })
  await clock.advance(100)
  expect(writers()).toEqual(['Ada'])
  ada.transport.injectFault({ type: 'cut' })
  await ada.participant.reset()
  await clock.advance(100)
  expect(writers()).toEqual(['Ada'])
  ada.transport.injectFault({ type: 'restore' })
  await clock.advance(2000)
  expect(writers()).toEqual([])
})

test('[L10] a participant that turned it off tells nothing, nor does one in a room that shows the draft', async () => {
  const { clock, open, writers } = await harness()
  const cleo = await open('Cleo', { typing_indicator: false })
  await cleo.participant.append('Hel')
  await clock.advance(20_000)
  expect([cleo.told, writers()]).toEqual([[], []])
  const watched = await harness({ policy: { ...defaultPolicy, access: () => ({ observable: true }) } })
  await watched.ada.participant.append('Hel')
  await watched.clock.advance(2000)
  expect([watched.ada.told, watched.writers()]).toEqual([[], ['Ada']])
})

test('[L10] a transport without `showWriting` tells nothing, and a closed participant neither', async () => {
  const clock = virtualClock()
  const room = mockRoom({ clock })
  const transport: Transport = room.peer()
  Object.defineProperty(transport, 'showWriting', { value: undefined, writable: true })
  const ada = await join({ transport, username: 'Ada', clock })
  await ada.append('Hel')
  await clock.advance(2000)
  const told: boolean[] = []
  transport.showWriting = writing => void told.push(writing)
  await ada.reset()
  await ada.append('Hel')
  await ada.close()
  await clock.advance(100_000)
  expect(told).toEqual([false])
})
