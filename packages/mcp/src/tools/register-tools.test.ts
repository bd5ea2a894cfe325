import { AsyncChatRoom } from '@midsentence/client'
import { join, type Participant } from '@midsentence/core'
import { mockRoom } from '@midsentence/transport-mock'
import { Client } from '@modelcontextprotocol/client'
import { InMemoryTransport } from '@modelcontextprotocol/server'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { localRoomClient } from '../local-room-client.ts'
import { type McpServerOptions, mcpServer } from '../mcp-server.ts'

/** A host connected to the MCP server of Claude, in a room with GPT. */
async function setUp(options: McpServerOptions = {}) {
  const room = mockRoom()
  const gpt = await join({ transport: room.peer(), username: 'GPT' })
  const roomClient = localRoomClient(
    new AsyncChatRoom({ transport: room.peer(), username: 'Claude' }),
    undefined,
    options.checkMaxMs === undefined ? {} : { checkMaxMs: options.checkMaxMs },
  )
  const client = new Client({ name: 'a-host', version: '1.0.0' })
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await Promise.all([mcpServer(roomClient, '1.0.0', options).connect(ours), client.connect(theirs)])
  let lastId = 0
  const send = theirs.send.bind(theirs)
  theirs.send = message => {
    if ('id' in message && 'method' in message) lastId = Number(message.id)
    return send(message)
  }
  onTestFinished(async () => {
    await client.close()
    await Promise.all([roomClient.close(), gpt.close()])
  })
  const call = async (name: string, args?: unknown) => {
    const result = await client.callTool({ name, arguments: args as Record<string, unknown> })
    return { ...result, text: (result.content as { text: string }[])[0]!.text }
  }
  /** Cancels the newest request, or the one that comes `later`. */
  const cancel = (later = 0) =>
    client.notification({ method: 'notifications/cancelled', params: { requestId: lastId + later } })
  return { room, gpt, client, call, cancel }
}

const say = async (participant: Participant, text: string) => {
  await participant.append(text)
  await participant.push()
}

test('a result is text alone, and no tool has an output schema', async () => {
  const { gpt, client, call } = await setUp()
  await call('who')
  await say(gpt, 'Anyone here?')
  const { text, ...result } = await call('check', { timeout_ms: 0 })
  expect(text).toContain('GPT: Anyone here?')
  expect(result).not.toHaveProperty('structuredContent')
  const { tools } = await client.listTools()
  expect(tools).toHaveLength(7)
  for (const tool of tools) expect(tool.outputSchema).toBeUndefined()
})

test('with the setting `structured` a result has its data and its schema', async () => {
  const { gpt, client, call } = await setUp({ structured: true })
  await call('who')
  await say(gpt, 'Anyone here?')
  expect((await call('check', { timeout_ms: 0 })).structuredContent).toMatchObject({
    status: 1,
    messages: [{ seq: 1, sender_id: 'GPT', content: 'Anyone here?' }],
  })
  expect((await call('who')).structuredContent).toMatchObject({ present: ['Claude', 'GPT'] })
  expect((await call('append')).isError).toBe(true)
  for (const tool of (await client.listTools()).tools) expect(tool.outputSchema).toMatchObject({ type: 'object' })
})

test('no tool is destructive, and those that change nothing of others or the draft are read-only', async () => {
  const { client } = await setUp()
  const { tools } = await client.listTools()
  for (const { annotations } of tools) expect(annotations?.destructiveHint).toBe(false)
  const readOnly = tools.filter(({ annotations }) => annotations?.readOnlyHint).map(({ name }) => name)
  expect(readOnly).toEqual(['check', 'preview', 'who'])
})

const anyArguments = fc.oneof(
  { weight: 4, arbitrary: objectArguments() },
  {
    weight: 1,
    arbitrary: fc.oneof(fc.constant(null), fc.string(), fc.array(fc.jsonValue()), fc.integer(), fc.boolean()),
  },
)

function objectArguments(): fc.Arbitrary<unknown> {
  return fc.dictionary(
    fc.constantFrom('text', 'timeout_ms', 'read', 'message', 'arguments', 'foo', '__proto__', 'toString'),
    fc.oneof(fc.jsonValue(), fc.constantFrom('0', '5', '', ' ', '1-ab', -1, 0.5, 1, 10, null)),
  )
}

test('any arguments of any tool are answered with a sentence of ours', async () => {
  const { call } = await setUp({ checkMaxMs: 5 })
  const tools = ['append', 'undo', 'push', 'reset', 'check', 'preview', 'who']
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...tools), anyArguments, async (tool, args) => {
      const { text } = await call(tool, args)
      expect(text).toMatch(/^\* /)
      expect(text).not.toMatch(/[Ii]nvalid|validation|internal error|must (be|have|NOT)/)
    }),
    {
      numRuns: 300,
      examples: [
        ['append', {}],
        ['push', { text: 'Hi.' }],
        ['check', { timeout_ms: 'long' }],
        ['append', null],
        ['append', '{"text": "Hi."}'],
        ['check', []],
      ],
    },
  )
})

test('arguments that are no object are answered with what to send, and null counts as none', async () => {
  const { call, room } = await setUp({ toolPrefix: 'chat_' })
  const nothing = '* Nothing was done: '
  const forms: readonly (readonly [string, unknown, string])[] = [
    ['append', 'Hi.', `${nothing}chat_append takes its arguments as one object, such as {"text": "…"}.`],
    ['append', ['Hi.'], `${nothing}chat_append takes its arguments as one object, such as {"text": "…"}.`],
    ['push', 7, `${nothing}chat_push takes its arguments as one object, such as {"read": "…"}.`],
    ['check', true, `${nothing}chat_check takes its arguments as one object, such as {"timeout_ms": 25000}.`],
    ['reset', [], `${nothing}chat_reset takes its arguments as one object, such as {}.`],
    [
      'append',
      { arguments: { text: 'Hi.' } },
      `${nothing}chat_append takes its arguments as one object, such as {"text": "…"}.`,
    ],
    ['append', null, '* chat_append takes a text: what to add to your draft.'],
  ]
  for (const [tool, args, text] of forms)
    expect(await call(`chat_${tool}`, args)).toMatchObject({ isError: true, text })
  expect((await call('chat_who', null)).text).toMatch(/^\* You are "Claude"/)
  expect(await call('chat_preview', null)).toMatchObject({ text: '* Your draft is empty.' })
  expect(room.messages).toEqual([])
})

test('a push with a text sends nothing and says how to', async () => {
  const { room, call } = await setUp()
  await call('append', { text: 'Mine.' })
  expect(await call('push', { text: 'Another.' })).toMatchObject({
    isError: true,
    text: '* Nothing was sent: push takes no text. append it first, then push sends your whole draft.',
  })
  expect(room.messages).toEqual([])
  expect((await call('push', { text: null, read: null })).text).toBe('* Sent. Check to hear what the others say.')
})

test('a tool prefix is in the names, descriptions, instructions and sentences', async () => {
  const { client, call, gpt } = await setUp({ toolPrefix: 'chat_' })
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toEqual([
    'chat_append',
    'chat_undo',
    'chat_push',
    'chat_reset',
    'chat_check',
    'chat_preview',
    'chat_who',
  ])
  expect(tools[0]?.description).toContain(' until you call chat_push.')
  expect(client.getInstructions()).toContain('in parts with chat_append, and send it with chat_push')
  const { messages } = await client.getPrompt({ name: 'take_part' })
  expect(JSON.stringify(messages)).toContain('Begin with chat_check,')
  expect((await call('chat_append', { text: 'I push.' })).text).toBe(
    '* Added to your draft. Go on, or chat_push to send it.',
  )
  await say(gpt, 'push, * check')
  const { text } = await call('chat_push')
  expect(text).toMatch(/^GPT: push, \* check\n\* Not sent yet: .* chat_push again to send it as it is, or chat_undo, /)
})

test('a waiting check reports progress to a caller with a token, whose time limit begins again', async () => {
  const { gpt, client } = await setUp({ progressMs: 40 })
  const seen: (string | undefined)[] = []
  let done = () => {}
  const reported = new Promise<void>(resolve => {
    done = resolve
  })
  const check = client.callTool(
    { name: 'check', arguments: {} },
    {
      timeout: 400,
      resetTimeoutOnProgress: true,
      onprogress: ({ message }) => {
        seen.push(message)
        // Longer than the time limit.
        if (seen.length === 15) done()
      },
    },
  )
  await reported
  await say(gpt, 'Anyone here?')
  expect((await check).content).toMatchObject([{ text: expect.stringContaining('GPT: Anyone here?') }])
  expect(new Set(seen)).toEqual(new Set(['listening, 0 s']))
})

test('[U3] what a call would have shown whose cancellation came before it, or after its answer, is given by the next one', async () => {
  const { gpt, call, cancel } = await setUp()
  await call('who')
  await say(gpt, 'Anyone here?')
  expect((await call('check', { timeout_ms: 0 })).text).toContain('GPT: Anyone here?')
  await cancel()
  expect((await call('preview')).text).toContain('GPT: Anyone here?')
  expect((await call('check', { timeout_ms: 0 })).text).not.toContain('GPT: Anyone here?')
  await say(gpt, 'And now?')
  await cancel(1)
  expect((await call('preview')).text).not.toContain('GPT: And now?')
  expect((await call('preview')).text).toContain('GPT: And now?')
})
