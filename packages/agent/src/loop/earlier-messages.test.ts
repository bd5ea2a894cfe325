import { AsyncChatRoom } from '@midsentence/client'
import { defaultPolicy, join, type Participant, virtualClock } from '@midsentence/core'
import { scriptedModel, words } from '@midsentence/testing/agent/scripted-model'
import { mockRoom } from '@midsentence/transport-mock'
import { expect, onTestFinished, test } from 'vitest'
import { roomTools } from '../tools/room-tools.ts'
import { converse } from './converse.ts'
import type { ConverseEvent } from './events.ts'

/** Creates a recorded room with history, in which GPT has sent a question. */
async function setUp() {
  const clock = virtualClock()
  const policy = { ...defaultPolicy, access: () => ({ history: true, observable: true, recorded: true }) }
  const room = mockRoom({ clock, latency: 1, policy })
  const soon = async <A>(promise: Promise<A>): Promise<A> => {
    await clock.advance(100)
    return promise
  }
  const gpt = await soon(join({ transport: room.peer(), username: 'GPT', clock }))
  const say = async (text: string, by: Participant = gpt) => {
    await by.append(text)
    await soon(by.push())
  }
  await say('Claude, are you there?')
  return { clock, room, soon, say }
}

test('a model is shown what was said before it came, and neither answers it nor is interrupted by it', async () => {
  const { clock, room, soon, say } = await setUp()
  const controller = new AbortController()
  onTestFinished(() => controller.abort())
  const claude = await soon(join({ transport: room.peer(), username: 'Claude', clock, since: { last: 20 } }))
  const { model, prompts } = scriptedModel({ clock, say: () => words('Here I am.') })
  const events: ConverseEvent[] = []
  const onEvent = (event: ConverseEvent) => void events.push(event)
  const ended = converse({ model, room: claude, clock, signal: controller.signal, onEvent })
  const pass = async () => {
    for (let step = 0; step < 60; step++) {
      await clock.advance(20)
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  await pass()
  expect(prompts).toEqual([])
  expect(events).toMatchObject([
    { type: 'joined', observable: true, recorded: true },
    { type: 'heard', history: 1, messages: [{ content: 'Claude, are you there?' }] },
  ])
  await say('Hello?')
  await pass()
  expect(room.messages.at(-1)?.content).toBe('Here I am.')
  expect(prompts[0]?.last).toBe(
    '* This was said before you came:\nGPT: Claude, are you there?\n* Then you came.\nGPT: Hello?',
  )
  expect(prompts[0]?.whole).toContain('\n\nThis room is recorded: observers see your draft')
  controller.abort()
  await pass()
  expect(await ended).toMatchObject({ reason: 'stopped', sent: 1 })
})

test('a model that begins knows what was said before', async () => {
  const { clock, room, soon } = await setUp()
  const controller = new AbortController()
  const claude = await soon(join({ transport: room.peer(), username: 'Claude', clock, since: 0 }))
  const { model, prompts } = scriptedModel({ clock, say: () => words('Here I am.') })
  const ended = converse({ model, room: claude, clock, signal: controller.signal, begins: true, budget: { turns: 1 } })
  for (let step = 0; step < 60; step++) {
    await clock.advance(20)
    await new Promise(resolve => setImmediate(resolve))
  }
  expect(await ended).toMatchObject({ sent: 1 })
  expect(prompts[0]?.last).toBe('* This was said before you came:\nGPT: Claude, are you there?\n* Then you came.')
})

test('tools say once that the draft is recorded, and mark what was said before', async () => {
  const { clock, room, soon, say } = await setUp()
  const claude = new AsyncChatRoom({ transport: room.peer(), username: 'Claude', clock, since: { last: 20 } })
  const { call } = roomTools(claude, { clock })
  const observed =
    '* This room is recorded: observers see your draft while you write it, and it is kept for a while, also what you take back.'
  expect(await soon(call('append', { text: 'Yes.' }))).toMatchObject({
    text: expect.stringContaining(
      `* This was said before you came:\nGPT: Claude, are you there?\n${observed}\n* Added to your draft. Go on, or push to send it.\n* Read code: 1-`,
    ),
    data: { observable: true, recorded: true, history: 1 },
  })
  await say('Hello?')
  expect((await soon(call('check', {}))).text).toMatch(/^GPT: Hello\?\n\* Read code: 2-..\.$/)
  const gemini = new AsyncChatRoom({ transport: room.peer(), username: 'Gemini', clock })
  expect((await soon(roomTools(gemini).call('who', {}))).text).toMatch(
    /^\* You are "Gemini"\. .*\n\* This room is recorded: observers/,
  )
})
