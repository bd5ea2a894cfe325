import { join, virtualClock } from '@midsentence/core'
import { override } from '@midsentence/testing/override'
import { expect, test } from 'vitest'
import { mockRoom } from './mock-room.ts'

/** Gives Claude a message in an append answer that its author has not read. `read` is the cursor from before it. */
async function withUnreadAnswer(conditional: boolean) {
  const clock = virtualClock()
  const room = mockRoom({ clock, latency: 1 })
  const peer = room.peer()
  const supports = conditional ? peer.supports : { ...peer.supports, conditional: { no: 'It cannot.' } }
  const claude = await join({ transport: override(peer, { supports }), username: 'Claude', clock })
  const gpt = await join({ transport: room.peer(), username: 'GPT', clock })
  await gpt.append('Wait.')
  const read = claude.view.cursor
  const pushed = gpt.push()
  await clock.advance(10)
  await pushed
  const { messages } = await claude.append('I go on.')
  expect(messages.map(({ content }) => content)).toEqual(['Wait.'])
  const soon = async <A>(promise: Promise<A>): Promise<A> => {
    await clock.advance(100)
    return promise
  }
  return { claude, room, read, soon }
}

test.each([
  ['the room', true],
  ['the participant, for a room without conditional pushes,', false],
])('[H1] %s holds a push whose base is below what its author was given', async (_, conditional) => {
  const { claude, room, read, soon } = await withUnreadAnswer(conditional)
  expect(await soon(claude.push({ base: read }))).toMatchObject({ status: 0, held: true, messages: [] })
  expect(claude.view.draft.segments).toBe(1)
  expect(await soon(claude.push({ base: claude.view.cursor + 99 }))).toMatchObject({ status: 1 })
  expect(room.messages.map(({ content }) => content)).toEqual(['Wait.', 'I go on.'])
})
