import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { mcpHttp } from '@midsentence/mcp'
import { expect, onTestFinished, test } from 'vitest'

const bin = fileURLToPath(new URL('../../packages/cli/bin/midsentence.js', import.meta.url))

interface RpcError {
  readonly code: number
  readonly message: string
}

const badParams = (method: string) => `params of ${method} has to be an object, such as {}.`
const badForm = (what: string) => `The message is not well-formed: ${what}.`
const badRequest = 'A request has "jsonrpc": "2.0", and a method that is text.'

/** Requests that no client should send, each with the error that it gets. */
const malformed: readonly (readonly [request: object, code: number, sentence: string])[] = [
  [{ method: 'tools/call', params: null }, -32602, badParams('tools/call')],
  [{ method: 'tools/call', params: [] }, -32602, badParams('tools/call')],
  [{ method: 'tools/call', params: 'who' }, -32602, badParams('tools/call')],
  [{ method: 5 }, -32600, badRequest],
  [{ method: 'tools/list', jsonrpc: '1.0' }, -32600, badRequest],
  [{ method: 'tools/call' }, -32602, badForm('params: expected object, received undefined')],
  [{ method: 'tools/call', params: { name: 5 } }, -32602, badForm('params.name: expected string, received number')],
  [{ method: 'tools/list', params: { cursor: 5 } }, -32602, badForm('params.cursor: expected string, received number')],
  [{ method: 'resources/read', params: { uri: 5 } }, -32602, badForm('params.uri: expected string, received number')],
  [
    { method: 'initialize', params: { protocolVersion: 5 } },
    -32602,
    badForm('params.protocolVersion: expected string, received number'),
  ],
]

const initialize = {
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a-host', version: '1.0.0' } },
}

test('a malformed request over stdio is answered with a sentence', async () => {
  const child = spawn(process.execPath, [bin, 'mcp', 'http://127.0.0.1:9', '--token', 'x'])
  onTestFinished(() => void child.kill('SIGKILL'))
  let printed = ''
  child.stderr.setEncoding('utf8').on('data', text => {
    printed += text
  })
  const answers = new Map<number, RpcError>()
  const lines = createInterface({ input: child.stdout })
  lines.on('line', line => {
    const { id, error } = JSON.parse(line)
    answers.set(id, error)
  })
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const answerTo = async (id: number) => {
    while (!answers.has(id)) await once(lines, 'line')
    return answers.get(id)
  }
  send({ id: 0, ...initialize })
  expect(await answerTo(0)).toBe(undefined)
  send({ method: 'notifications/initialized' })
  for (const [at, [request, code, message]] of malformed.entries()) {
    send({ id: at + 1, ...request })
    expect(await answerTo(at + 1)).toEqual({ code, message })
  }
  // A notification has no answer, and a long line is read by the SDK.
  send({ method: 'notifications/cancelled', params: null })
  send({ id: 'long', method: 'tools/call', params: { name: 'nothing', arguments: { text: 'x'.repeat(2 ** 20) } } })
  child.stdin.write('{"jsonrpc":"2.0","id":99,')
  child.stdin.write('"method":"ping"}\n')
  expect(await answerTo(99)).toBe(undefined)
  expect(answers.has('long' as never)).toBe(true)
  child.stdin.end()
  await once(child, 'close')
  expect(printed).toMatch(/^midsentence mcp: The message is not well-formed: params: [^[]+\.\n$/)
})

test('a malformed request over HTTP is answered with a sentence', async () => {
  const mcp = mcpHttp({ url: 'http://127.0.0.1:9', version: '1.0.0' })
  const server = createServer((req, res) => mcp.handle(req, res)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    await mcp.close()
    server.close()
  })
  const { port } = server.address() as { readonly port: number }
  for (const [request, code, message] of malformed) {
    const response = await fetch(`http://127.0.0.1:${port}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: 'Bearer x',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...request }),
    })
    const text = await response.text()
    const line = /^data: (\{.*)$/m.exec(text)?.[1] ?? text
    const { error } = JSON.parse(line) as { readonly error: RpcError }
    // The SDK refuses one that it cannot read before it reaches a server.
    const isUnread = message === badRequest || message.startsWith('params of')
    expect(error).toEqual(isUnread ? { code: -32600, message: expect.stringMatching(/^[^[]+$/) } : { code, message })
  }
})
