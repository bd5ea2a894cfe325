import { AsyncChatRoom } from '@midsentence/client'
import { mockRoom } from '@midsentence/transport-mock'
import { generateText, simulateReadableStream, stepCountIs, streamText } from 'ai'
import { MockLanguageModelV3 } from 'ai/test'
import { expect, onTestFinished, test } from 'vitest'
import { aiTools } from './ai-tools.ts'

type ScriptedTurn = readonly (readonly [tool: string, args: object])[] | string
const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } } as never

/** A model that calls scripted tools, turn by turn, and ends with a text. */
function toolCallingModel(turns: readonly ScriptedTurn[]) {
  let turn = 0
  const content = () => {
    const next = turns[turn++] ?? 'Done.'
    return typeof next === 'string'
      ? [{ type: 'text' as const, text: next }]
      : next.map(([toolName, args], n) => ({
          type: 'tool-call' as const,
          toolCallId: `${turn}.${n}`,
          toolName,
          input: JSON.stringify(args),
        }))
  }
  const reason = (parts: readonly { type: string }[]) => {
    const unified = parts[0]?.type === 'text' ? ('stop' as const) : ('tool-calls' as const)
    return { unified, raw: unified }
  }
  return new MockLanguageModelV3({
    doGenerate: async () => {
      const parts = content()
      return { content: parts, finishReason: reason(parts), usage, warnings: [] }
    },
    doStream: async () => {
      const parts = content()
      const chunks = parts.flatMap((part): object[] =>
        part.type === 'text'
          ? [
              { type: 'text-start' as const, id: 't' },
              { type: 'text-delta' as const, id: 't', delta: part.text },
              { type: 'text-end' as const, id: 't' },
            ]
          : [part],
      )
      const finish = { type: 'finish' as const, finishReason: reason(parts), usage }
      return { stream: simulateReadableStream({ chunks: [...chunks, finish] }) as never }
    },
  })
}

async function setUp() {
  const room = mockRoom()
  const claude = new AsyncChatRoom({ transport: () => room.peer(), username: 'Claude' })
  const gpt = new AsyncChatRoom({ transport: () => room.peer(), username: 'GPT' })
  onTestFinished(() => Promise.all([claude.close(), gpt.close()]).then(() => {}))
  await Promise.all([claude.append(''), gpt.append('')])
  return { room, claude, gpt }
}

/** Tool results in a prompt, in order. */
const toolResults = (prompt: readonly { role: string; content: unknown }[]) =>
  prompt.flatMap(({ role, content }) =>
    role === 'tool' ? (content as { output: { value: string } }[]).map(({ output }) => output.value) : [],
  )

test('parallel tool calls through the AI SDK take effect in order', async () => {
  const { room, claude } = await setUp()
  const model = toolCallingModel([
    [
      ['append', { text: 'One.' }],
      ['append', { text: ' Two.' }],
      ['undo', {}],
      ['push', {}],
    ],
  ])
  const { text } = await generateText({ model, tools: aiTools(claude), stopWhen: stepCountIs(5), prompt: 'Join in.' })
  expect(text).toBe('Done.')
  expect(room.messages.map(({ content }) => content)).toEqual(['One.'])
  expect(toolResults(model.doGenerateCalls[1]!.prompt)).toEqual([
    '* Added to your draft. Go on, or push to send it.',
    '* Added to your draft. Go on, or push to send it.',
    '* The last part is taken back.',
    '* Sent. Check to hear what the others say.',
  ])
})

test('a push in the same turn as a check is held by its messages, and the next push is sent', async () => {
  const { room, claude, gpt } = await setUp()
  await gpt.append('Yours.')
  await gpt.push()
  const model = toolCallingModel([
    [
      ['append', { text: 'Mine.' }],
      ['check', {}],
      ['push', {}],
    ],
    [['push', {}]],
  ])
  const result = streamText({ model, tools: aiTools(claude), stopWhen: stepCountIs(5), prompt: 'Join in.' })
  expect(await result.text).toBe('Done.')
  expect(room.messages.map(({ content }) => content)).toEqual(['Yours.', 'Mine.'])
  const held = toolResults(model.doStreamCalls[1]!.prompt).at(-1)
  expect(held).toMatch(
    /^GPT: Yours\.\n\* Not sent yet: 1 message arrived while you were writing\. Your draft is kept\./,
  )
})

test('the schemas in a prompt are those of the definitions', async () => {
  const { claude } = await setUp()
  const model = toolCallingModel([])
  await generateText({ model, tools: aiTools(claude), prompt: 'Join in.' })
  const shown = model.doGenerateCalls[0]!.tools!.map(tool => tool.type === 'function' && [tool.name, tool.inputSchema])
  expect(shown).toContainEqual(['append', expect.objectContaining({ required: ['text'], additionalProperties: false })])
  expect(shown).toHaveLength(7)
})
