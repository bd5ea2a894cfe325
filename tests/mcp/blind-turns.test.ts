import { aiTools } from '@midsentence/agent'
import { anthropicTools, openaiResponseTools, openaiTools, roomTools } from '@midsentence/agent/tools'
import { AsyncChatRoom } from '@midsentence/client'
import { hostedRoomClient, localRoomClient, mcpHttp } from '@midsentence/mcp'
import { startServer } from '@midsentence/server'
import { expect, onTestFinished, test } from 'vitest'

type Call = (tool: 'append' | 'check' | 'push', args?: object) => Promise<string>

/** Each way to call the tools: one call at a time, as hosts make the calls of one turn. */
const bindings: Readonly<Record<string, (room: AsyncChatRoom, url: string, token: string) => Call>> = {
  roomTools: room => {
    const { call } = roomTools(room)
    return async (tool, args) => (await call(tool, args)).text
  },
  aiTools: room => {
    const tools = aiTools(room)
    const options = { toolCallId: '1', messages: [] }
    return async (tool, args = {}) => ((await tools[tool].execute!(args, options)) as { text: string }).text
  },
  openaiTools: room => {
    const { answer } = openaiTools(room)
    return async (name, args = {}) =>
      (await answer([{ id: '1', type: 'function', function: { name, arguments: JSON.stringify(args) } }]))[0]!.content
  },
  openaiResponseTools: room => {
    const { answer } = openaiResponseTools(room)
    return async (name, args = {}) =>
      (await answer([{ type: 'function_call', call_id: '1', name, arguments: JSON.stringify(args) }]))[0]!.output
  },
  anthropicTools: room => {
    const { answer } = anthropicTools(room)
    return async (name, input = {}) => (await answer([{ type: 'tool_use', id: '1', name, input }]))[0]!.content
  },
  localRoomClient: room => {
    const client = localRoomClient(room)
    return async (tool, args) => (await client.call(tool, args, new AbortController().signal)).text
  },
  hostedRoomClient: (_, url, token) => {
    const client = hostedRoomClient({ url, token })
    return async (tool, args) => (await client.call(tool, args, new AbortController().signal)).text
  },
}

const codeIn = (text: string) => /Read code: (\S+)\.$/.exec(text)?.[1]

async function setUp(binding: string) {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  const ada = await server.hub.join({ username: 'Ada' })
  const say = async (text: string) => {
    await ada.append({ text })
    await ada.push()
  }
  const { joinResult } = await server.hub.join({ username: 'Claude', secret: '0123456789abcdef0123' })
  const room = new AsyncChatRoom({ url: server.url, username: 'Claude-2' })
  onTestFinished(() => room.close())
  const call = bindings[binding]!(room, server.url, joinResult.token)
  return { server, say, call, token: joinResult.token }
}

const turns = [
  ['append', 'check', 'push'],
  ['append', 'push'],
] as const
const cases = Object.keys(bindings).flatMap(binding =>
  turns.flatMap(turn => turn.map((_, at) => [binding, turn, at] as const)),
)

test.each(cases)(
  '[U1] [U2] %s: the turn %j, written blind, is held by a message before call %i',
  async (binding, turn, at) => {
    const { say, call } = await setUp(binding)
    await say('First.')
    const first = await call('check', { timeout_ms: 0 })
    const read = binding === 'hostedRoomClient' || first.includes('First.') ? codeIn(first) : undefined
    let last = ''
    for (const [n, tool] of turn.entries()) {
      if (n === at) await say(`Yours ${n}.`)
      const args = { append: { text: 'Mine.' }, check: { timeout_ms: 3000 }, push: read === undefined ? {} : { read } }
      last = await call(tool, args[tool])
    }
    expect(last).toContain('* Not sent yet: ')
    expect(last).toMatch(/Ada: Yours \d\.\n/)
    // Its code is what the model has read: the next push is sent.
    expect(await call('push', { read: codeIn(last) })).toMatch(/^\* Sent\./)
  },
)

test('[U3] a check that is cancelled by a notification in another request swallows no message', async () => {
  const { server, say, token } = await setUp('hostedRoomClient')
  const mcp = mcpHttp({ url: server.url, version: '1.0.0' })
  onTestFinished(() => mcp.close())
  const post = async (message: object) => {
    const headers = {
      ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json', host: 'localhost' },
      accept: 'application/json, text/event-stream',
    }
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    return (await mcp.fetch(new Request('http://localhost/mcp', { method: 'POST', headers, body }))).text()
  }
  const check = (id: number, timeout_ms: number) =>
    post({ id, method: 'tools/call', params: { name: 'check', arguments: { timeout_ms } } })
  const givenUp = check(7, 20_000)
  await expect.poll(() => server.hub.admin!.load().waitingChecks).toBe(1)
  await post({ method: 'notifications/cancelled', params: { requestId: 7 } })
  await say('Are you there?')
  expect(await givenUp).not.toContain('Are you there?')
  expect(await check(8, 0)).toContain('Are you there?')
})
