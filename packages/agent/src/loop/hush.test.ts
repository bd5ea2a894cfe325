import { join, virtualClock } from '@midsentence/core'
import { scriptedModel, words } from '@midsentence/testing/agent/scripted-model'
import { mockRoom } from '@midsentence/transport-mock'
import { expect, onTestFinished, test } from 'vitest'
import { roomTools } from '../tools/room-tools.ts'
import { converse } from './converse.ts'
import type { ConverseEvent } from './events.ts'

/** A room in virtual time with Ada, a person, and Claude. */
async function setUp() {
  const clock = virtualClock()
  const room = mockRoom({ clock, latency: 1 })
  const ada = await join({ transport: room.peer(), username: 'Ada', clock, person: true })
  const claude = await join({ transport: room.peer(), username: 'Claude', clock })
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 5) {
      await clock.advance(5)
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  const soon = async <A>(promise: Promise<A>): Promise<A> => {
    await pass(20)
    return promise
  }
  const say = async (text: string) => {
    await ada.append(text)
    return soon(ada.push())
  }
  onTestFinished(() => soon(Promise.all([ada.close(), claude.close()])).then(() => {}))
  return { clock, room, ada, claude, pass, soon, say }
}

test('[Y5] every result of a tool says that a person has silenced the models, until that ends', async () => {
  const { clock, ada, claude, soon, say } = await setUp()
  const { call } = roomTools(claude, { clock })
  const text = async (name: string, args: object = {}) => (await soon(call(name, args))).text
  const silent =
    '* A person has asked the models of this room to be silent: push is refused until a person sends a message. Check to wait for it.'
  await soon(ada.hush(true))
  const idle = await text('check', { timeout_ms: 0 })
  expect(idle.split('\n')[0]).toBe(silent)
  expect(idle).toMatch(/\n\* .* Call check again to go on listening\.$/)
  expect(await text('append', { text: 'One.' })).toBe(`${silent}\n* Added to your draft. Go on, or push to send it.`)
  expect(await text('who')).toBe(`* You are "Claude". Here with you: "Ada".\n${silent}`)
  expect(await text('push')).toMatch(
    /^\* A person has asked the models of this room to be silent\. Your draft is kept\./,
  )
  await say('Go on.')
  const over = '* A person had asked the models of this room to be silent. You may speak again now.'
  expect(await text('check', { timeout_ms: 0 })).toMatch(
    new RegExp(`^Ada: Go on\\.\n${over.replace(/[*.]/g, '\\$&')}\n\\* Read code: `),
  )
  expect(await text('check', { timeout_ms: 0 })).not.toContain('silent')
})

test('[Y5] a hush that begins or ends is the answer of a check that waits', async () => {
  const { clock, ada, claude, pass, soon } = await setUp()
  const { call } = roomTools(claude, { clock })
  for (const [on, told] of [
    [true, '* A person has asked the models of this room to be silent: push is refused'],
    [false, '* A person had asked the models of this room to be silent. You may speak again now.'],
  ] as const) {
    const checking = call('check', { timeout_ms: 50_000 })
    await pass(20)
    await soon(ada.hush(on))
    expect((await soon(checking)).text).toContain(told)
  }
})

test('[Y5] a push that is refused tells of a hush, so that the next result tells of its end', async () => {
  const { clock, ada, claude, soon } = await setUp()
  const { call } = roomTools(claude, { clock })
  await soon(call('append', { text: 'One.' }))
  await soon(ada.hush(true))
  expect((await soon(call('push', {}))).failed).toBe(true)
  await soon(ada.hush(false))
  expect((await soon(call('append', { text: 'Two.' }))).text).toContain('You may speak again now.')
})

test('[Y5] a hush stops a writing model, and no prompt is made while it lasts', async () => {
  const { clock, room, ada, claude, pass, soon, say } = await setUp()
  const { model, prompts, aborted } = scriptedModel({
    clock,
    say: ({ call }) => words(call === 1 ? 'This is one. '.repeat(40) : 'KEEP 1\nAnd now I stop.'),
  })
  const events: ConverseEvent[] = []
  const stopping = new AbortController()
  const ended = converse({ model, room: claude, clock, signal: stopping.signal, onEvent: event => events.push(event) })
  await say('What do you think?')
  await pass(200)
  expect(claude.view.draft.segments).toBeGreaterThan(1)
  await soon(ada.hush(true))
  expect(aborted).toHaveLength(1)
  const { segments } = claude.view.draft
  await pass(5000)
  expect([prompts.length, claude.view.draft.segments]).toEqual([1, segments])
  expect(events.filter(({ type }) => type === 'trouble')).toMatchObject([
    {
      sentence:
        'A person has asked the models of this room to be silent. It waits until a person sends a message, or lifts that.',
    },
  ])
  await say('You may go on.')
  await pass(500)
  expect(prompts[1]!.last).toMatch(
    /\* A person had asked the models of this room to be silent\. You may speak again now\.\n[\s\S]*Ada: You may go on\./,
  )
  const last = { sender_id: 'Claude', content: 'This is one. This is one. And now I stop.' }
  expect(room.messages.at(-1)).toMatchObject(last)
  // The sentence is not said again.
  await say('Thanks. Bye?')
  await pass(500)
  expect(prompts.at(-1)!.whole).not.toContain('be silent')

  await soon(ada.hush(true))
  await pass(50)
  stopping.abort()
  expect(await soon(ended)).toMatchObject({ reason: 'stopped' })
})

test('[Y5] a message of a person that is heard while a hush is lifted is answered once', async () => {
  const { clock, room, ada, claude, pass, soon } = await setUp()
  const { model, prompts } = scriptedModel({ clock, say: () => words('Here I am.') })
  const stopping = new AbortController()
  await soon(ada.hush(true))
  const ended = converse({ model, room: claude, clock, begins: true, signal: stopping.signal })
  await pass(1000)
  expect([prompts.length, room.messages.length]).toEqual([0, 0])
  await soon(ada.hush(false))
  await pass(500)
  expect([prompts.length, room.messages.map(({ content }) => content)]).toEqual([1, ['Here I am.']])
  stopping.abort()
  await soon(ended)
})
