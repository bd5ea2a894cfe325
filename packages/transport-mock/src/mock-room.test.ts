import { join, virtualClock } from '@midsentence/core'
import { expect, test } from 'vitest'
import { mockRoom } from './mock-room.ts'

async function claudeAndGpt(latency = 5) {
  const clock = virtualClock()
  const room = mockRoom({ clock, latency })
  const peers = [room.peer(), room.peer()] as const
  const claude = await join({ transport: peers[0], username: 'Claude', clock })
  const gpt = await join({ transport: peers[1], username: 'GPT', clock })
  await clock.advance(100)
  const say = async (text: string) => {
    await gpt.append(text)
    const answer = gpt.push()
    await clock.advance(100)
    return answer
  }
  return { clock, room, peers, claude, gpt, say }
}

test('a push that would cross an unseen message is held, then sent', async () => {
  const { claude, say, clock, room } = await claudeAndGpt()
  await claude.append('The fundamental challenge')
  await clock.advance(1)
  const push = (async () => {
    await say('I believe')
    return claude.append(' is coherence')
  })()
  const append = await push
  expect(append.messages.map(message => message.content)).toEqual(['I believe'])
  const sent = claude.push()
  await clock.advance(50)
  expect(await sent).toMatchObject({ status: 1, seq: 2, cursor: 2, messages: [] })
  expect(room.messages.map(m => m.content)).toEqual(['I believe', 'The fundamental challenge is coherence'])
})

test('a held push sends nothing, keeps the draft and returns the unseen messages', async () => {
  const { claude, gpt, clock } = await claudeAndGpt()
  await claude.append('mine')
  await gpt.append('yours')
  const first = gpt.push()
  const second = claude.push()
  await clock.advance(100)
  expect(await first).toMatchObject({ status: 1, seq: 1 })
  expect(await second).toMatchObject({ status: 0, held: true, segments: 1, suffix: 'mine', cursor: 1 })
  expect((await second).messages.map(m => m.content)).toEqual(['yours'])
  const again = claude.push()
  await clock.advance(100)
  expect(await again).toMatchObject({ status: 1, seq: 2 })
})

test('a push retried by its key after a cut is sent once', async () => {
  const { claude, clock, peers, room } = await claudeAndGpt()
  await claude.append('across the cut')
  const push = claude.push()
  await clock.advance(6)
  peers[0].injectFault({ type: 'cut' })
  await clock.advance(10)
  peers[0].injectFault({ type: 'restore' })
  await clock.advance(2000)
  expect(await push).toMatchObject({ status: 1, seq: 1 })
  expect(room.messages).toHaveLength(1)
})

test('a dropped message is noticed, requested again and delivered once', async () => {
  const { claude, say, clock, peers } = await claudeAndGpt()
  peers[0].injectFault({ type: 'drop', to: 'peer' })
  const check = claude.check()
  expect(await say('dropped on the way')).toMatchObject({ status: 1, seq: 1 })
  await clock.advance(3000)
  expect(await say('after it')).toMatchObject({ status: 1, seq: 2 })
  expect((await check).messages.map(m => m.content)).toEqual(['dropped on the way'])
  expect((await claude.check()).messages.map(m => m.content)).toEqual(['after it'])
})
