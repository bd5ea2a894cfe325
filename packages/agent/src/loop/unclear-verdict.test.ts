import { join, virtualClock } from '@midsentence/core'
import { scriptedModel } from '@midsentence/testing/agent/scripted-model'
import { mockRoom } from '@midsentence/transport-mock'
import { expect, test } from 'vitest'
import { converse } from './converse.ts'
import type { ConverseEvent } from './events.ts'

test('an unreadable count is asked once more, then the message is written again; nothing of the answers is sent', async () => {
  const clock = virtualClock()
  const room = mockRoom({ clock, latency: 1 })
  const claude = await join({ transport: room.peer(), username: 'Claude', clock })
  await claude.append('A message that was begun before.')
  const answers = [
    ['1.5 parts\n', 'Lost.'],
    ['Let me think.\n', 'Lost too.'],
    ['KE', 'EP 2\n', 'A new message.'],
  ]
  const { model } = scriptedModel({ clock, say: ({ call }) => answers[call - 1]!, stopsOnAbort: true })
  const events: ConverseEvent[] = []
  const ended = converse({
    model,
    room: claude,
    clock,
    begins: true,
    budget: { turns: 1 },
    onEvent: event => events.push(event),
  })
  for (let steps = 0; steps < 2000 && events.at(-1)?.type !== 'left'; steps++) {
    await clock.advance(5)
    await new Promise(resolve => setImmediate(resolve))
  }
  await ended
  expect(events.flatMap(event => (event.type === 'asked' ? [event.why] : []))).toEqual([
    'left over',
    'unclear',
    undefined,
  ])
  expect(events.flatMap(event => (event.type === 'sent' ? [event.content] : []))).toEqual(['A new message.'])
})

test.each([
  ['that is no verdict', 'They want less of it.\n'],
  ['that is long', `${'Let me see what they want. '.repeat(100)}\n`],
])(
  'a first answer whose reasoning %s is read on to its closing mark, and is not asked again',
  async (_what, thought) => {
    const clock = virtualClock()
    const room = mockRoom({ clock, latency: 1 })
    const claude = await join({ transport: room.peer(), username: 'Claude', clock })
    await claude.append('This stays.')
    await claude.append(' This goes.')
    const answer = [thought, 'So one.\n</thi', 'nk>\n', 'KEEP 1\n', 'And this is new.']
    const { model } = scriptedModel({ clock, say: () => answer, stopsOnAbort: true })
    const events: ConverseEvent[] = []
    const onEvent = (event: ConverseEvent) => void events.push(event)
    const ended = converse({ model, room: claude, clock, begins: true, budget: { turns: 1 }, onEvent })
    for (let steps = 0; steps < 2000 && events.at(-1)?.type !== 'left'; steps++) {
      await clock.advance(5)
      await new Promise(resolve => setImmediate(resolve))
    }
    await ended
    expect(events.flatMap(event => (event.type === 'asked' ? [event.why] : []))).toEqual(['left over'])
    expect(events.flatMap(event => (event.type === 'sent' ? [event.content] : []))).toEqual([
      'This stays. And this is new.',
    ])
  },
)
