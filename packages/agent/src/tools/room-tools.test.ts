import { AsyncChatRoom } from '@midsentence/client'
import { join, virtualClock } from '@midsentence/core'
import { mockRoom } from '@midsentence/transport-mock'
import { expect, onTestFinished, test } from 'vitest'
import { anthropicTools } from './anthropic-tools.ts'
import { toolDefinitions } from './definitions.ts'
import { openaiResponseTools, openaiTools } from './openai-tools.ts'
import { roomTools } from './room-tools.ts'

/** A room with GPT as a participant, and the room client of Claude's tools. */
async function setUp() {
  const clock = virtualClock()
  const room = mockRoom({ clock, latency: 1 })
  const soon = async <A>(promise: Promise<A>): Promise<A> => {
    await clock.advance(60_000)
    return promise
  }
  const gpt = await join({ transport: room.peer(), username: 'GPT', clock })
  const claude = new AsyncChatRoom({ transport: () => room.peer(), username: 'Claude', clock })
  onTestFinished(() => soon(Promise.all([gpt.close(), claude.close()])).then(() => {}))
  const say = (text: string) => {
    void gpt.append(text)
    return soon(gpt.push())
  }
  await soon(claude.append(''))
  return { room, gpt, claude, soon, say }
}

test('every tool returns a text that needs no context', async () => {
  const { claude, soon, say, room } = await setUp()
  const { call } = roomTools(claude)
  const text = async (name: string, args: object = {}) => (await soon(call(name, args))).text
  expect(await text('who')).toBe('* You are Claude. Here with you: GPT.')
  expect(await text('check', { timeout_ms: 50 })).toBe(
    '* Nobody has said anything new. Call check again to go on listening.',
  )
  expect(await text('append', { text: 'One.' })).toBe('* Added to your draft. Go on, or push to send it.')
  await say('Anyone here?')
  expect(await text('append', { text: ' Two.' })).toBe(
    'GPT: Anyone here?\n* This came while you were writing. Your answer is still wanted: go on, or undo or reset first, then push.',
  )
  expect(await text('undo')).toBe('* The last part is taken back.')
  expect(await text('preview')).toBe('* Your draft so far:\n    One.')
  expect(await text('push')).toBe('* Sent. Check to hear what the others say.')
  expect(await text('push')).toBe('* There is nothing to send yet: append something first.')
  expect(await text('reset')).toBe('* Your draft is empty. Append to start over.')
  expect(room.messages.at(-1)).toMatchObject({ sender_id: 'Claude', content: 'One.', meta: { by: 'model' } })
})

test('a push is judged by what the model had read when its turn began', async () => {
  const { claude, soon, say, room } = await setUp()
  const { call } = roomTools(claude)
  await soon(call('append', { text: 'Mine.' }))
  await say('Yours.')
  const turn = {}
  const [checked, pushed] = await soon(Promise.all([call('check', {}, { turn }), call('push', {}, { turn })]))
  expect(checked.text).toBe('GPT: Yours.')
  expect(pushed).toMatchObject({ data: { held: true } })
  expect(pushed.text).toMatch(/^\* Not sent yet: messages arrived while you were writing\./)
  expect(await soon(call('push', {}, { turn: {} }))).toMatchObject({ data: { status: 1 } })
  expect(room.messages.map(({ content }) => content)).toEqual(['Yours.', 'Mine.'])
})

test('a waiting check blocks no other call, and its abort loses no message', async () => {
  const { claude, soon, say } = await setUp()
  const { call } = roomTools(claude)
  const turn = {}
  const giving = new AbortController()
  const check = call('check', {}, { turn, signal: giving.signal })
  expect((await call('append', { text: 'Mine.' }, { turn })).data).toMatchObject({ status: 1 })
  giving.abort()
  await expect(check).rejects.toMatchObject({ name: 'AbortError' })
  await say('Yours.')
  expect((await soon(call('check', {}))).text).toBe('GPT: Yours.')
})

test.each([
  ['dance', {}, '* There is no tool "dance": there are append, undo, push, reset, check, preview, who.'],
  ['append', {}, '* append takes a text: what to add to your draft.'],
  ['append', undefined, '* append takes a text: what to add to your draft.'],
  ['check', { timeout_ms: 'long' }, '* check takes timeout_ms as a number of milliseconds from 0 to 55000.'],
])('%s with %j returns a sentence', async (name, args, text) => {
  const { claude } = await setUp()
  expect(await roomTools(claude).call(name, args)).toEqual({ text, failed: true })
})

test('a text is bounded in size', async () => {
  const { claude, soon, say } = await setUp()
  for (let n = 0; n < 20; n++) await say('\n'.repeat(999))
  const { text } = await soon(roomTools(claude).call('check', {}))
  expect(text.length).toBeLessThan(32_200)
  expect(text).toMatch(/\n\* This is cut: \d+ more characters are not shown\.$/)
})

const ask = (name: string, args: object) => ({ name, arguments: JSON.stringify(args) })

test('calls in the format of chat completions take effect in order', async () => {
  const { claude, soon, room } = await setUp()
  const { tools, answer } = openaiTools(claude)
  expect(tools.map(tool => tool.function.name)).toEqual(toolDefinitions.map(tool => tool.name))
  const calls = [ask('append', { text: 'One.' }), ask('append', { text: ' Two.' }), ask('push', {})]
  const answers = await soon(answer(calls.map((asked, n) => ({ id: `call-${n}`, type: 'function', function: asked }))))
  expect(answers.map(({ role, tool_call_id }) => [role, tool_call_id])).toEqual([
    ['tool', 'call-0'],
    ['tool', 'call-1'],
    ['tool', 'call-2'],
  ])
  expect(answers[2]?.content).toBe('* Sent. Check to hear what the others say.')
  expect(room.messages.at(-1)?.content).toBe('One. Two.')
  const broken = await answer([{ id: 'x', type: 'function', function: { name: 'append', arguments: '{"text": "a' } }])
  expect(broken[0]?.content).toMatch(/^\* The arguments are not valid JSON, so nothing was done\./)
  expect(await answer(undefined)).toEqual([])
})

test('calls in the format of responses take effect in order', async () => {
  const { claude, soon, room } = await setUp()
  const { tools, answer } = openaiResponseTools(claude)
  expect(tools[0]).toMatchObject({ type: 'function', name: 'append', strict: false })
  const calls = [ask('append', { text: 'One.' }), ask('push', {})]
  const output = calls.map((asked, n) => ({ type: 'function_call', call_id: `call-${n}`, ...asked }))
  const answers = await soon(answer([{ type: 'reasoning' }, ...output]))
  expect(answers.map(({ type, call_id }) => [type, call_id])).toEqual([
    ['function_call_output', 'call-0'],
    ['function_call_output', 'call-1'],
  ])
  expect(room.messages.at(-1)?.content).toBe('One.')
})

test('calls in the format of Anthropic’s messages take effect in order', async () => {
  const { claude, soon, room } = await setUp()
  const { tools, answer } = anthropicTools(claude)
  expect(tools[0]?.input_schema).toMatchObject({ type: 'object', required: ['text'] })
  const answers = await soon(
    answer([
      { type: 'text', text: 'I will say so.' },
      { type: 'tool_use', id: 'a', name: 'append', input: { text: 'One.' } },
      { type: 'tool_use', id: 'b', name: 'push', input: {} },
      { type: 'tool_use', id: 'c', name: 'dance', input: {} },
    ]),
  )
  expect(answers.map(({ tool_use_id, is_error }) => [tool_use_id, is_error])).toEqual([
    ['a', undefined],
    ['b', undefined],
    ['c', true],
  ])
  expect(room.messages.at(-1)?.content).toBe('One.')
})
