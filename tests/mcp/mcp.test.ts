import { experimental_createMCPClient as createMCPClient } from '@ai-sdk/mcp'
import { AsyncChatRoom } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import { isLongTier } from '@midsentence/testing/tier'
import { expect, onTestFinished, test } from 'vitest'
import { expectFormsExplained, httpEndpoint, httpHost, stateFolder, stdioHost } from './hosts.ts'

async function server() {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  const rpc = async (method: string, params: object, token = '') => {
    const response = await fetch(`${server.url}/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    return ((await response.json()) as { result: Record<string, unknown> }).result
  }
  const join = async (username: string) => {
    const { token } = await rpc('join', { username, secret: '0123456789abcdef0123' })
    await rpc('who', {}, String(token))
    return String(token)
  }
  const room = (username: string) => {
    const room = new AsyncChatRoom({ url: server.url, username })
    onTestFinished(() => room.close())
    return room
  }
  return { url: server.url, rpc, join, room }
}

/** Arguments of a push with the read code at the end of a result, if there is one. */
function codeIn(text: string): { readonly read?: string } {
  const read = /Read code: (\S+)\.$/.exec(text)?.[1]
  return read === undefined ? {} : { read }
}

test.runIf(isLongTier)(
  'clients of both revisions over stdio and HTTP, the AI SDK, an AsyncChatRoom and curl share one conversation',
  async () => {
    const { url, rpc, join, room } = await server()
    const folder = await stateFolder()
    const [endpoint, ...stdio] = await Promise.all([
      httpEndpoint(url),
      stdioHost('2025-11-25', [url, '--name', 'Claude'], folder),
      stdioHost('2026-07-28', [url, '--name', 'GPT'], folder),
      stdioHost('old', [url, '--name', 'Gemini'], folder),
    ])
    const tokens = await Promise.all(['Llama', 'Qwen', 'Mistral'].map(join))
    const http = await Promise.all([
      httpHost('2026-07-28', endpoint, tokens[0]!),
      httpHost('old', endpoint, tokens[1]!),
    ])
    const transport = { type: 'http' as const, url: endpoint, headers: { authorization: `Bearer ${tokens[2]}` } }
    const ai = await createMCPClient({ transport })
    onTestFinished(() => ai.close())
    const aiTools = (await ai.tools()) as unknown as Record<
      string,
      { execute: (args: object, options: object) => Promise<unknown> }
    >
    const aiRead = async (tool: string, args = {}) => {
      const { content } = (await aiTools[tool]!.execute(args, { toolCallId: '1', messages: [] })) as {
        content: { text: string }[]
      }
      return content[0]!.text
    }
    const ada = room('Ada')
    const curly = await join('Curly')
    await Promise.all([ada.append(''), ...stdio.map(host => host.read('who'))])

    const hosts = [...stdio, ...http].map(host => host.read)
    const names = ['Claude', 'GPT', 'Gemini', 'Llama', 'Qwen', 'Mistral', 'Ada', 'Curly']
    const speak = [
      ...[...hosts, aiRead].map(read => async (text: string) => {
        const answer = await read('append', { text })
        return `${answer}\n${await read('push', codeIn(answer))}`
      }),
      async (text: string) => `${await ada.append(text)}\n${await ada.push()}`,
      async (text: string) => {
        await rpc('append', { text }, curly)
        return JSON.stringify(await rpc('push', {}, curly))
      },
    ]
    const heard: string[] = ['']
    for (const [n, say] of speak.entries()) {
      const answer = await say(`I am ${names[n]}.`)
      // Each answer shows all messages sent before it.
      for (const line of n === 7 ? [] : heard) expect(answer).toContain(line)
      heard.push(`${names[n]}: I am ${names[n]}.`)
    }
    for (const [n, read] of hosts.entries()) {
      const text = await read('check', { timeout_ms: 5000 })
      expect(text.split('\n').slice(0, -1)).toEqual(heard.slice(n + 2))
    }
    expect((await aiRead('check')).split('\n').slice(0, -1)).toEqual(heard.slice(7))
    expect(await ada.check()).toBe(heard.at(-1))
    const { client } = stdio[1]!
    const { contents } = await client.readResource({ uri: 'midsentence://transcript' })
    expect((contents[0] as { text: string }).text.split('\n')).toEqual(heard.slice(1))
    const hosted = await http[0]!.client.readResource({ uri: 'midsentence://transcript' })
    expect((hosted.contents[0] as { text: string }).text).toContain('Llama: I am Llama.')
  },
)

test('a waiting check does not block an append, and its cancellation loses no message', async () => {
  const { url, room } = await server()
  const host = await stdioHost('2025-11-25', [url, '--name', 'Claude'], await stateFolder())
  const ada = room('Ada')
  await Promise.all([ada.append('Are you there?'), host.read('who')])
  const giving = new AbortController()
  const check = (host.client as import('@modelcontextprotocol/client').Client).callTool(
    { name: 'check', arguments: {} },
    { signal: giving.signal },
  )
  check.catch(() => {})
  expect(await host.read('append', { text: 'One moment.' })).toBe('* Added to your draft. Go on, or push to send it.')
  giving.abort()
  await expect(check).rejects.toThrow()
  await ada.push()
  const heard = await host.read('check')
  expect(heard).toMatch(/^Ada: Are you there\?\n\* Read code: 1-..\.$/)
  expect(await host.read('push', codeIn(heard))).toMatch(/^\* Sent\./)
  const tools = (await host.client.listTools()).tools
  expect(tools.map(({ name }) => name)).toEqual(['append', 'undo', 'push', 'reset', 'check', 'preview', 'who'])
  expect(tools.find(({ name }) => name === 'preview')?.annotations).toMatchObject({ readOnlyHint: true })
  const { messages } = await host.client.getPrompt({ name: 'take_part' })
  expect(JSON.stringify(messages)).toContain('Take part in the chat room')
})

test('a restarted host continues its draft under the same name, and reads what it missed', async () => {
  const { url, room } = await server()
  const folder = await stateFolder()
  const ada = room('Ada')
  const before = await stdioHost('2025-11-25', [url, '--name', 'Claude'], folder)
  await before.read('append', { text: 'I was about to' })
  await before.client.close()
  await ada.append('Hello?')
  await ada.push()
  const after = await stdioHost('2026-07-28', [url, '--name', 'Claude'], folder)
  const heard = await after.read('append', { text: ' say hello.' })
  expect(heard).toMatch(
    /^Ada: Hello\?\n\* Your draft from before still holds 1 segment, ending with "I was about to"; reset discards it\.\n\* This came while/,
  )
  expect(await after.read('push', codeIn(heard))).toMatch(/^\* Sent\./)
  expect(await ada.check()).toBe('Claude: I was about to say hello.')
})

test('simultaneous calls are one turn: in order, and a push is held by the messages of a check', async () => {
  const { url, room } = await server()
  const host = await stdioHost('2025-11-25', [url, '--name', 'Claude'], await stateFolder())
  const ada = room('Ada')
  await Promise.all(['Mine, ', 'in ', 'this ', 'order.'].map(text => host.read('append', { text })))
  await ada.append('Yours.')
  await ada.push()
  await expect.poll(() => host.read('who')).toContain('Ada')
  const [checked, pushed] = await Promise.all([host.read('check'), host.read('push')])
  expect(checked).toMatch(/^Ada: Yours\.\n\* Read code: 1-..\.$/)
  expect(pushed).toContain('* Not sent yet: ')
  expect(await host.read('push', codeIn(pushed))).toMatch(/^\* Sent\./)
  expect(await ada.check()).toBe('Claude: Mine, in this order.')
})

test('without a server and with an unknown token, a tool says what to do', async () => {
  const { url } = await server()
  const folder = await stateFolder()
  const lonely = await stdioHost('2025-11-25', ['http://127.0.0.1:9', '--name', 'Claude'], folder)
  expect(await lonely.read('check')).toMatch(/^\* No midsentence server answers at http:\/\/127\.0\.0\.1:9/)
  const endpoint = await httpEndpoint(url)
  const stranger = await httpHost('2026-07-28', endpoint, 'an-unknown-token')
  expect(await stranger.read('check')).toMatch(/^\* /)
  const { status } = await fetch(endpoint, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  })
  expect(status).toBe(401)
  // A proxy may put a prefix before the path.
  const paths = ['/chat/mcp', '/chat/mcp/?x', '/mcp/x', '/chatmcp']
  const statuses = await Promise.all(paths.map(async path => (await fetch(new URL(path, endpoint))).status))
  expect(statuses).toEqual([401, 401, 404, 404])
  const rebound = await fetch(endpoint, {
    method: 'POST',
    body: '{}',
    headers: { origin: 'http://evil.example', authorization: 'Bearer x' },
  })
  expect(rebound.status).toBe(403)
})

test.runIf(isLongTier)(
  'results are text alone, with --structured also data, and wrong arguments are answered with a sentence',
  async () => {
    const { url, join } = await server()
    const folder = await stateFolder()
    const [endpoint, plain, structured] = await Promise.all([
      httpEndpoint(url),
      stdioHost('2025-11-25', [url, '--name', 'Claude'], folder),
      stdioHost('2026-07-28', [url, '--name', 'GPT', '--structured'], folder),
    ])
    const hosted = await httpHost('2026-07-28', endpoint, await join('Llama'))
    const old = await httpHost('old', endpoint, await join('Qwen'))
    expect(await structured.data('append', { text: 'Draft.' })).toMatchObject({ status: 1, messages: [] })
    for (const host of [plain, structured, hosted, old]) await expectFormsExplained(host)
    for (const { client, read, data } of [plain, hosted, old]) {
      const { tools } = await client.listTools()
      expect(tools.filter(tool => tool.outputSchema || tool.annotations?.destructiveHint)).toEqual([])
      expect(await data('append', { text: 'Draft.' })).toBeUndefined()
      expect(await read('append', { words: 'Draft.' })).toBe('* append takes a text: what to add to your draft.')
      expect(await read('push', { text: 'Hello.' })).toMatch(
        /^\* Nothing was sent: push takes no text\. append it first/,
      )
      expect(await read('check', { timeout_ms: 'soon' })).toMatch(/^\* check takes timeout_ms as a number/)
      expect(await read('check', { timeout_ms: '0', read: null, more: 1 })).not.toMatch(/takes|[Ii]nvalid/)
      expect(await read('preview', { of: 'it' })).toBe('* Your draft so far:\n    Draft.')
    }
  },
)
