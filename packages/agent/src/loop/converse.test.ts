import { join, MidsentenceError, type Participant, virtualClock } from '@midsentence/core'
import {
  type ScriptedOptions,
  type ScriptedPrompt,
  scriptedModel,
  words,
} from '@midsentence/testing/agent/scripted-model'
import { override } from '@midsentence/testing/override'
import { mockRoom } from '@midsentence/transport-mock'
import { expect, onTestFinished, test } from 'vitest'
import { type ConverseOptions, converse } from './converse.ts'
import type { ConverseEvent } from './events.ts'

type Script = ScriptedOptions['say']

/** A room in virtual time with GPT as a participant, and Claude as a model scripted by `say`. */
async function setUp(
  say: Script,
  options: Partial<ConverseOptions> & { transport?: object; stopsOnAbort?: boolean } = {},
) {
  const { transport = {}, stopsOnAbort = true, ...rest } = options
  const clock = virtualClock()
  const room = mockRoom({ clock, latency: 1 })
  const { signal, controller } = signalled()
  const gpt = await join({ transport: room.peer(), username: 'GPT', clock })
  const claude = await join({ transport: override(room.peer(), transport), username: 'Claude', clock })
  const scripted = scriptedModel({ clock, say, stopsOnAbort })
  const events: ConverseEvent[] = []
  const ended = converse({
    model: scripted.model,
    room: claude,
    clock,
    signal,
    onEvent: event => events.push(event),
    ...rest,
  })
  ended.catch(() => {})
  /** Advances the clock in steps of 5 ms, with a macrotask after each. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 5) {
      await clock.advance(5)
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  const until = async (what: () => unknown) => {
    for (let turns = 0; !what(); turns++) {
      if (turns > 20_000)
        throw new Error(`The condition was never met:\n${events.map(event => JSON.stringify(event)).join('\n')}`)
      await pass(5)
    }
  }
  const types = () => events.map(event => event.type)
  const end = async () => {
    controller.abort()
    await pass(50)
    return ended
  }
  onTestFinished(async () => void (await Promise.race([end().catch(() => {}), pass(2000)])))
  return {
    ...scripted,
    clock,
    room,
    gpt,
    claude,
    events,
    types,
    ended,
    pass,
    until,
    end,
    async say(text: string, by: Participant = gpt) {
      await by.append(text)
      const pushed = by.push()
      await until(() => by.view.phase !== 'pushing')
      return pushed
    },
    said: () => room.messages.map(({ sender_id, content }) => `${sender_id}: ${content}`),
    last: <T extends ConverseEvent['type']>(type: T) =>
      events.findLast(event => event.type === type) as Extract<ConverseEvent, { type: T }> | undefined,
  }
}

function signalled() {
  const controller = new AbortController()
  return { controller, signal: controller.signal }
}

const long = 'The first thing is this. The second thing is that. The third thing is more. And the fourth is the last.'

test('a model that only streams answers a message, sentence by sentence, in one message', async () => {
  const { say, said, until, events, last, end } = await setUp(() => words(`Claude: ${long}`))
  await say('What do you think?')
  await until(() => last('sent'))
  expect(said()).toEqual(['GPT: What do you think?', `Claude: ${long}`])
  expect(events.flatMap(event => (event.type === 'wrote' ? [event.text] : []))).toEqual([
    'The first thing is this.',
    ' The second thing is that.',
    ' The third thing is more.',
    ' And the fourth is the last.',
  ])
  expect(await end()).toMatchObject({ reason: 'stopped', turns: 1, sent: 1, unsent: '' })
  expect(JSON.parse(JSON.stringify(events))).toEqual(events)
})

test('a message that matches attention aborts the generation at once, and the kept parts stay', async () => {
  const script = ({ call }: ScriptedPrompt) =>
    call === 1 ? words(long) : ['1', '\n', 'But ', 'you ', 'are ', 'right.']
  const { say, said, until, events, aborted, prompts, clock, last } = await setUp(script)
  await say('What do you think?')
  await until(() => events.filter(event => event.type === 'wrote').length === 2)
  const before = clock.monotonic()
  await say('Stop, I know already!')
  await until(() => last('sent'))
  expect(aborted).toHaveLength(1)
  expect(aborted[0]! - before).toBeLessThan(10)
  expect(said().slice(1)).toEqual(['GPT: Stop, I know already!', 'Claude: The first thing is this. But you are right.'])
  expect(prompts[1]!.last).toContain('While you were writing, this was said:\n\nGPT: Stop, I know already!')
  expect(prompts[1]!.last).toMatch(/\n1: The first thing is this\.\n2: The second thing is that\.\n/)
  expect(last('kept')).toMatchObject({ segments: 1 })
  expect(last('interrupted')).toMatchObject({ by: { content: 'Stop, I know already!' } })
})

test.each([
  ['rewrites', ['0', '\nAll right.'], 'Claude: All right.'],
  [
    'rewrites without saying so',
    ['All ', 'right, then ', 'let us do it that way, I think it is fine.'],
    'Claude: All right, then let us do it that way, I think it is fine.',
  ],
  ['keeps everything', ['all'], 'Claude: The first thing is this. The second thing is that.'],
  [
    'says kept parts again',
    ['1\n', 'The first thing ', 'is this. Really.'],
    'Claude: The first thing is this. Really.',
  ],
  ['falls silent', [' -', '\n'], undefined],
])('interrupted, it %s', async (_, second, message) => {
  const { say, said, until, events, last, claude } = await setUp(({ call }) => (call === 1 ? words(long) : second))
  await say('What do you think?')
  await until(() => events.filter(event => event.type === 'wrote').length === 2)
  await say('Stop!')
  await until(() => last('sent') ?? last('silent'))
  expect(said().slice(2)).toEqual(message === undefined ? [] : [message])
  expect(claude.view.draft.segments).toBe(0)
})

test('an "ok" neither interrupts nor holds what is being written', async () => {
  const { say, said, until, events, prompts, last } = await setUp(() => words(long))
  await say('What do you think?')
  await until(() => last('wrote'))
  await say('ok')
  await until(() => last('sent'))
  expect(prompts).toHaveLength(1)
  expect(said()).toEqual(['GPT: What do you think?', 'GPT: ok', `Claude: ${long}`])
  expect(events.some(event => event.type === 'interrupted')).toBe(false)
})

test('with attention nobody, a model writes on and reviews its draft before messages cross', async () => {
  const script = ({ call }: ScriptedPrompt) => (call === 1 ? words(long) : ['2', '\nAnd that is all.'])
  const { say, said, until, events, aborted, prompts, last } = await setUp(script, { attention: 'nobody' })
  await say('What do you think?')
  await until(() => last('wrote'))
  await say('I have another question.')
  await until(() => last('sent'))
  expect(aborted).toEqual([])
  expect(events.filter(event => event.type === 'held')).toHaveLength(1)
  expect(prompts[1]!.last).toContain(
    'Your message is not sent yet, since this was said before it:\n\nGPT: I have another question.',
  )
  expect(said().at(-1)).toBe('Claude: The first thing is this. The second thing is that. And that is all.')
})

test('after maxInterruptions a model writes on, is held, and gets the floor', async () => {
  const script = ({ call }: ScriptedPrompt) => [...(call === 1 ? [] : ['0\n']), ...words(`Take ${call}. ${long}`)]
  const { say, until, events, last, pass } = await setUp(script)
  await say('What do you think?')
  let n = 0
  const talk = async () => {
    while (!last('sent')) {
      await say(`No, wait, I have thought of number ${++n}.`).catch(() => {})
      await pass(20)
    }
  }
  await Promise.race([talk(), until(() => last('sent'))])
  expect(events.filter(event => event.type === 'interrupted')).toHaveLength(3)
  const holds = events.filter(event => event.type === 'held').length
  expect(holds).toBeGreaterThan(0)
  expect(holds).toBeLessThanOrEqual(4)
})

test.each(['-', '', ' … ', '(silence)'])('%j means nothing to say', async text => {
  const { say, said, until, last } = await setUp(() => [text])
  await say('Anyone?')
  await until(() => last('silent'))
  expect(said()).toEqual(['GPT: Anyone?'])
})

test('a line in another participant’s name is dropped', async () => {
  const { say, said, until, last } = await setUp(() => words('I think so, and I mean it.\nGPT: Really?\nClaude: Yes.'))
  await say('Do you?')
  await until(() => last('sent'))
  expect(said().at(-1)).toBe('Claude: I think so, and I mean it.')
})

test.each([
  ['<think>I am shy. And I say so.</think>\n\nHello to you. All is fine.'],
  ['I am shy. And I say so.\n</think>\n\nHello to you. All is fine.'],
])('of %j only the answer is sent, and the model is seen to think', async text => {
  const { say, said, until, events, last } = await setUp(() => [...text])
  await say('Well?')
  await until(() => last('sent'))
  expect(said().at(-1)).toBe('Claude: Hello to you. All is fine.')
  expect(events.filter(({ type }) => type === 'thinking')).toHaveLength(1)
})

test('an answer that ends while the model thinks is trouble, and nothing is sent', async () => {
  const { say, said, until, last } = await setUp(() => words('<think>I am shy. And I say so.'))
  await say('Well?')
  await until(() => last('trouble'))
  expect(last('trouble')?.sentence).toBe('The model scripted ended its answer while it was still thinking.')
  expect(said()).toEqual(['GPT: Well?'])
})

test('endless reasoning ends with the budget of tokens', async () => {
  const endless = ['<think>', ...Array.from({ length: 5000 }, () => 'and so on ')]
  const { until, say, said, last } = await setUp(() => endless, { budget: { tokens: 3000 } })
  await say('Well?')
  await until(() => last('left'))
  expect(last('left')).toMatchObject({ reason: 'budget' })
  expect(said()).toEqual(['GPT: Well?'])
})

test('half of a surrogate pair is carried over to the next chunk', async () => {
  const { say, said, until, last } = await setUp(() => ['That is great \ud83d', '\ude00', ' and more. Or so \ud83d'])
  await say('Well?')
  await until(() => last('sent'))
  expect(said().at(-1)).toBe('Claude: That is great 😀 and more. Or so')
})

test('a conversation ends with its budget of turns, or of tokens in the middle of a sentence', async () => {
  const turns = await setUp(() => words('Fine, I say, fine.'), { begins: true, budget: { turns: 1 } })
  await turns.until(() => turns.last('left'))
  expect(await turns.ended).toMatchObject({ reason: 'budget', sent: 1, sentence: 'It has used its 1 turns.' })
  const tokens = await setUp(() => words(long.repeat(50)), { begins: true, budget: { tokens: 300 } })
  await tokens.until(() => tokens.last('left'))
  const { reason, tokens: spent, unsent } = await tokens.ended
  expect([reason, spent < 320, tokens.said()]).toEqual(['budget', true, []])
  expect(unsent).toMatch(/^The first thing is this\./)
})

test('text that a model sends after an abort is discarded', async () => {
  const script = ({ call }: ScriptedPrompt) => (call === 1 ? words(long) : ['0\nI see, of course, yes.'])
  const { say, said, until, last, late, pass } = await setUp(script, { stopsOnAbort: false })
  await say('What do you think?')
  await until(() => last('wrote'))
  await say('Stop!')
  await until(() => last('sent'))
  await pass(1000)
  expect(late.length).toBeGreaterThan(0)
  expect(said().at(-1)).toBe('Claude: I see, of course, yes.')
})

test('[Y5] a hushed model keeps its draft, says so once, and pushes again when the hush has ended', async () => {
  const hushed = new MidsentenceError('rate-limited', 'A person has asked the models to be silent.', {
    data: { retry_after_ms: 500, reason: 'hushed' },
  })
  let refusals = 0
  const { say, until, last, events, claude, pass } = await setUp(() => words('Let me add one more thing.'), {
    transport: {
      publish: () =>
        refusals++ < 5
          ? Promise.reject(hushed)
          : Promise.resolve({ sent: true, seq: 9, message_id: 'm', timestamp: '', durability: 'memory' }),
    },
  })
  await say('Say something.')
  await until(() => last('trouble'))
  expect(claude.view.draft.segments).toBe(1)
  await pass(5 * 500)
  await until(() => last('sent'))
  expect(events.filter(({ type }) => type === 'trouble')).toHaveLength(1)
})

test('a rate-limited push waits, and a message that arrives meanwhile is reviewed before the next push', async () => {
  const rest = new MidsentenceError(
    'rate-limited',
    'The room rests. Push again in 60 seconds, or once a person spoke.',
    {
      data: { retry_after_ms: 60_000 },
    },
  )
  let resting = true
  const { say, until, last, prompts, claude, clock } = await setUp(
    ({ call }) => (call === 1 ? words('Let me add one more thing.') : ['0\n', 'Yes, ', 'I am here.']),
    {
      transport: {
        publish: () =>
          resting
            ? Promise.reject(rest)
            : Promise.resolve({ sent: true, seq: 9, message_id: 'm', timestamp: '', durability: 'memory' }),
      },
    },
  )
  await say('Say something.')
  await until(() => last('trouble'))
  expect(claude.view.draft.segments).toBe(1)
  resting = false
  const before = clock.monotonic()
  await say('Are you still there?')
  await until(() => last('sent'))
  expect(clock.monotonic() - before).toBeLessThan(10_000)
  expect(prompts[1]!.last).toContain('since this was said before it:\n\nGPT: Are you still there?')
  expect(last('sent')).toMatchObject({ content: 'Yes, I am here.' })
})

test('a refused message is rewritten, and the draft is kept during a rate limit', async () => {
  const refusals = [
    new MidsentenceError('rate-limited', 'Slow down.', { data: { retry_after_ms: 700 } }),
    new MidsentenceError('unavailable', 'The line is down.'),
    new MidsentenceError('content-policy', 'No swearing here.', { data: { reason: 'swearing' } }),
  ]
  const sent = { sent: true, seq: 2, message_id: 'm', timestamp: '', durability: 'memory' }
  const contents: string[] = []
  const { say, until, last, prompts, events } = await setUp(
    ({ call }) => (call === 1 ? words('Damn it, I say.') : ['0\n', 'Dear ', 'me, I say.']),
    {
      transport: {
        publish: ({ content }: { content: string }) => {
          contents.push(content)
          const refusal = refusals.shift()
          return refusal ? Promise.reject(refusal) : Promise.resolve(sent)
        },
      },
    },
  )
  await say('Say something.')
  await until(() => last('sent'))
  expect(contents).toEqual(['Damn it, I say.', 'Damn it, I say.', 'Damn it, I say.', 'Dear me, I say.'])
  expect(prompts[1]!.last).toMatch(/^GPT: Say something\.\n\nThe room refused your message: No swearing here\./)
  const [limited, down, refused] = events.flatMap(event => (event.type === 'trouble' ? [event.retry_ms] : []))
  expect([limited, refused]).toEqual([700, undefined])
  // Doubled after the first refusal, and jittered.
  expect(down).toBeGreaterThanOrEqual(2000)
  expect(down).toBeLessThanOrEqual(2500)
})

test('leaving the room ends the conversation and aborts the model', async () => {
  const { say, until, last, claude, ended, aborted, pass } = await setUp(() => words(long.repeat(20)))
  await say('What do you think?')
  await until(() => last('wrote'))
  void claude.close()
  await until(() => last('left'))
  expect(await ended).toMatchObject({ reason: 'lost', sent: 0 })
  await pass(50)
  expect(aborted).toHaveLength(1)
})

test('an error thrown by onEvent leaves the room and rejects converse', async () => {
  const { ended, claude, pass } = await setUp(() => [], {
    onEvent: () => {
      throw new RangeError('I cannot print that.')
    },
  })
  await pass(50)
  await expect(ended).rejects.toThrow('I cannot print that.')
  expect(claude.view.phase).toBe('closed')
})

test('a wrong option is a TypeError, and the room is left', async () => {
  const { ended, claude } = await setUp(() => [], { attention: 'somebody' as never })
  await expect(ended).rejects.toThrow(/There is no attention "somebody": there are everybody, people/)
  expect(claude.view.phase).toBe('closed')
})
