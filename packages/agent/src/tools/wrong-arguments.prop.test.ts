import { AsyncChatRoom } from '@midsentence/client'
import { mockRoom } from '@midsentence/transport-mock'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { aiTools } from './ai-tools.ts'
import { anthropicTools } from './anthropic-tools.ts'
import { toolDefinitions } from './definitions.ts'
import { openaiResponseTools, openaiTools } from './openai-tools.ts'

type Run = (name: string, args: unknown) => Promise<string>

const bindings: Readonly<Record<string, (room: AsyncChatRoom) => Run>> = {
  aiTools: room => {
    const tools = aiTools(room) as Record<string, ReturnType<typeof aiTools>[keyof ReturnType<typeof aiTools>]>
    const options = { toolCallId: '1', messages: [] }
    return async (name, args) => ((await tools[name]!.execute!(args, options)) as { text: string }).text
  },
  openaiTools: room => {
    const { answer } = openaiTools(room)
    return async (name, args) =>
      (await answer([{ id: '1', type: 'function', function: { name, arguments: JSON.stringify(args) } }]))[0]!.content
  },
  openaiResponseTools: room => {
    const { answer } = openaiResponseTools(room)
    return async (name, args) =>
      (await answer([{ type: 'function_call', call_id: '1', name, arguments: JSON.stringify(args) }]))[0]!.output
  },
  anthropicTools: room => {
    const { answer } = anthropicTools(room)
    return async (name, input) => (await answer([{ type: 'tool_use', id: '1', name, input }]))[0]!.content
  },
}

const values = fc.oneof(fc.jsonValue(), fc.constantFrom('0', '', '1-ab', -1, null))
const args = fc.oneof(values, fc.dictionary(fc.constantFrom('text', 'read', 'message', 'foo', '__proto__'), values))
/** A check that does not wait, or waits for no number. */
const checkArgs = fc.record({ timeout_ms: fc.constantFrom(0, '0', -1, 'long', {}, true), read: values, text: values })
const calls = fc
  .constantFrom(...toolDefinitions.map(({ name }) => name))
  .chain(name => fc.tuple(fc.constant(name), name === 'check' ? checkArgs : args))

test.each(Object.keys(bindings))('%s answer any arguments of any tool with a sentence', async binding => {
  const room = new AsyncChatRoom({ transport: mockRoom().peer(), username: 'Claude' })
  onTestFinished(() => room.close())
  const run = bindings[binding]!(room)
  await fc.assert(
    fc.asyncProperty(calls, async ([name, args]) => {
      const text = await run(name, args)
      expect(text).toMatch(/^\* /)
      expect(text).not.toMatch(/[Ii]nvalid|internal error/)
    }),
    { numRuns: 150 },
  )
})
