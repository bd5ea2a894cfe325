import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { hostileTexts } from '../hostile-texts.ts'
import { midsentence } from '../midsentence.ts'

/** Clears the screen, breaks lines in each way, turns the direction, and hides words in tag characters. */
const hostile = [
  'x\x1b[2J\x9b31m\x07\rFORGED\nFORGED\r\nFORGED\u2028FORGED\u2029FORGED\u0085FORGED\vFORGED\u202eb\u2066c\u{e0041}\u{e007f}',
  ...hostileTexts,
].join('')

/** A terminal escape or other control, a line break that only some readers know, a bidi control or a tag character. */
const raw = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|[\u{e0000}-\u{e007f}]/u

/** Names, rooms and ids in the answers of a server. `plain`: only names and texts are hostile, since a client checks the rest. */
const answersOf = (plain: boolean): Readonly<Record<string, object>> => {
  const id = plain ? 'id-1' : hostile
  const room = plain ? 'lobby' : hostile
  const messages = [
    { message_id: id, sender_id: hostile, content: hostile, timestamp: hostile, seq: 1, base: 0, meta: { a: hostile } },
  ]
  const session = { session_id: id, token: id, room, sender_id: hostile, log: id, cursor: 0, policy: 'hold' }
  const held = { status: 0, held: true, suffix: hostile, segments: 1, messages, cursor: 1 }
  const floor = { name: hostile, for_ms: 1000 }
  return {
    join: session,
    resume: { ...session, suffix: hostile, observable: true },
    who: { participants: [{ sender_id: hostile, session_id: id, away: false, writing: true }], floor },
    append: { status: 2, accepted: 1, dropped: 3, suffix: hostile, messages, cursor: 1, renamed: hostile },
    undo: { status: 1, suffix: hostile, messages, cursor: 1 },
    reset: { status: 1, suffix: '', messages, cursor: 1 },
    preview: { status: 1, draft: hostile, messages, cursor: 1 },
    push: { ...held, floor },
    publish: { ...held, floor },
    check: { status: 1, messages, cursor: 1 },
    'admin.rooms': { rooms: [{ room: hostile, closed: false, participants: hostile, head: hostile, hushed: true }] },
    'admin.participants': { participants: [{ sender_id: hostile, session_id: hostile, away: true, writing: true }] },
    'admin.close': { removed: hostile },
  }
}

const json = { 'content-type': 'application/json' }

/** How a server may answer a call. */
const servers: Readonly<Record<string, (method: string, id: unknown, response: ServerResponse) => void>> = {
  'every answer': (method, id, response) => reply(response, { id, result: answersOf(false)[method] ?? {} }),
  'names and texts': (method, id, response) => reply(response, { id, result: answersOf(true)[method] ?? {} }),
  errors: (method, id, response) =>
    reply(response, { id, error: { code: method === 'join' ? 40012 : 40010, message: hostile, data: { a: hostile } } }),
  'a refusal': (_, __, response) => void response.writeHead(403, json).end(JSON.stringify({ error: hostile })),
  // Header values hold no C0.
  'another content type': (_, __, response) =>
    void response.writeHead(200, { 'content-type': 'text/\x9b31m' }).end(hostile),
  'no JSON': (_, __, response) => void response.writeHead(200, json).end(hostile),
}

const reply = (response: ServerResponse, outcome: object): void =>
  void response.writeHead(200, json).end(JSON.stringify({ jsonrpc: '2.0', ...outcome }))

async function hostileServer(answer: (typeof servers)[string]): Promise<string> {
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method === 'GET' && request.url?.includes('/events')) return stream(response)
    const { method, id } = JSON.parse(await text(request)) as { method: string; id: unknown }
    answer(method, id, response)
  }
  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A stream whose names and contents are hostile. */
function stream(response: ServerResponse): void {
  const event = (type: string, data: object, id = 0) => `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`
  const [message] = (answersOf(true).check as { messages: readonly object[] }).messages
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(event('welcome', { log: 'id-1', cursor: 0, sender_id: hostile }))
  response.write(event('presence', { sender_id: hostile, present: true, writing: true }))
  response.write(event('message', message!, 1))
}

const folder = mkdtempSync(join(tmpdir(), 'midsentence-'))
const tokenFile = join(folder, 'token')
writeFileSync(tokenFile, 'the-admin-token-of-this-test')
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** Requests of an MCP host that calls every tool that reads, and the transcript. */
const mcpInput = [
  {
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'host', version: '1' } },
  },
  ...['check', 'who', 'append', 'push', 'preview'].map(name => ({
    method: 'tools/call',
    params: { name, arguments: name === 'append' ? { text: 'a' } : name === 'check' ? { timeout_ms: 0 } : {} },
  })),
  { method: 'resources/read', params: { uri: 'midsentence://transcript' } },
]
  .map((request, at) => `${JSON.stringify({ jsonrpc: '2.0', id: at + 1, ...request })}\n`)
  .join('')
const mcpIds = [1, 2, 3, 4, 5, 6, 7]

interface CommandRun {
  readonly args: readonly string[]
  /** Standard input. */
  readonly input?: string
}

const admin = (...args: string[]) => [...args, '--token-file', tokenFile]
const commands: Readonly<Record<string, (url: string) => CommandRun>> = {
  join: url => ({ args: ['join', url, '--name', 'Ada'] }),
  chat: url => ({ args: ['chat', url, '--name', 'Ada'], input: '/who\nHello\n/draft\n\n/undo\n/who\n/quit\n' }),
  'mcp by name': url => ({
    args: ['mcp', url, '--name', 'Ada', '--journal', join(folder, `journal-${new URL(url).port}`)],
    input: mcpInput,
  }),
  'mcp by token': url => ({ args: ['mcp', url, '--token', 'id-1'], input: mcpInput }),
  conformance: url => ({ args: ['conformance', url, '--runs', '1', '--seed', '1', '--rules', 'P2,A1,W1'] }),
  'admin rooms': url => ({ args: admin('admin', url, 'rooms') }),
  'admin participants': url => ({ args: admin('admin', url, 'participants', 'lobby') }),
  'admin close': url => ({ args: admin('admin', url, 'close', 'lobby') }),
}

/** Runs a command and returns what a reader sees of it: the texts of MCP, else all output. */
async function shownBy({ args, input }: CommandRun): Promise<string> {
  if (input === undefined) {
    const { stdout, stderr } = await midsentence(...args).ended
    return stdout + stderr
  }
  const running = midsentence.typing(...args)
  running.type(input)
  if (args[0] === 'mcp') await Promise.all(mcpIds.map(id => running.says(new RegExp(`"id":${id}\\b`))))
  running.endInput()
  const { stdout, stderr } = await running.ended
  return (args[0] === 'mcp' ? textsOf(stdout) : stdout) + stderr
}

/** The texts in the answers of an MCP server, and the members of its structured content. */
function textsOf(stdout: string): string {
  const texts: string[] = []
  for (const line of stdout.trimEnd().split('\n')) {
    JSON.parse(line, (key, value) => {
      if (key === 'text') texts.push(value)
      return value
    })
  }
  return texts.join('\n')
}

const [answers, texts, errors, refusal] = ['every answer', 'names and texts', 'errors', 'a refusal'] as const

test.each([
  ['join', answers, texts, errors, refusal, 'another content type', 'no JSON'],
  ['chat', answers, texts, errors, refusal],
  ['mcp by name', answers, texts, errors],
  ['mcp by token', answers, texts, errors],
  ['conformance', answers, errors],
  ['admin rooms', answers, errors, refusal],
  ['admin participants', answers],
  ['admin close', answers],
])('[X1] %s prints nothing raw of a server with hostile texts', async (command, ...kinds) => {
  const shown = await Promise.all(
    kinds.map(async kind => shownBy(commands[command]!(await hostileServer(servers[kind]!)))),
  )
  expect(shown).not.toContain('')
  expect(shown.map(each => raw.exec(each)?.[0])).toEqual(kinds.map(() => undefined))
  // No line is the server's own.
  expect(shown.filter(each => /^(FORGED|b|data|event|id)\b/m.test(each))).toEqual([])
})
