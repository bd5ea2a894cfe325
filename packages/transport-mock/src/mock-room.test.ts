import { join, virtualClock } from '@midsentence/core'
import { expect, test } from 'vitest'
import { mockRoom } from './mock-room.ts'

async function two(latency = 5) {
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
  const { claude, say, clock, room } = await two()
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

test('held: nothing is sent, the draft stays, the unseen messages come along', async () => {
  const { claude, gpt, clock } = await two()
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

test('over a cut a push is asked again by its key, and messages are given once', async () => {
  const { claude, clock, peers, room } = await two()
  await claude.append('across the cut')
  const push = claude.push()
  await clock.advance(6)
  peers[0].fault({ type: 'cut' })
  await clock.advance(10)
  peers[0].fault({ type: 'heal' })
  await clock.advance(2000)
  expect(await push).toMatchObject({ status: 1, seq: 1 })
  expect(room.messages).toHaveLength(1)
})

test('a dropped message is noticed, asked for again, and given once', async () => {
  const { claude, say, clock, peers } = await two()
  peers[0].fault({ type: 'drop', to: 'peer' })
  const check = claude.check()
  expect(await say('dropped on the way')).toMatchObject({ status: 1, seq: 1 })
  await clock.advance(3000)
  expect(await say('behind it')).toMatchObject({ status: 1, seq: 2 })
  expect((await check).messages.map(m => m.content)).toEqual(['dropped on the way'])
  expect((await claude.check()).messages.map(m => m.content)).toEqual(['behind it'])
})
