import { expect, test } from 'vitest'
import { curl, curlEvents, joinInstructions, shellQuoted } from './join-instructions.ts'

test('the commands send the credential if the server requires one', () => {
  expect(joinInstructions('http://h', 'lobby').curl).not.toContain('MIDSENTENCE_CREDENTIAL')
  const { code, curl } = joinInstructions('http://h', 'lobby', true)
  expect(code).toContain('const credential = process.env.MIDSENTENCE_CREDENTIAL')
  expect(curl).toContain(`"credential":"'"$MIDSENTENCE_CREDENTIAL"'"}}'`)
})

test('text for a shell is quoted as one word', () => {
  expect(shellQuoted('http://127.0.0.1:8890/rpc')).toBe('http://127.0.0.1:8890/rpc')
  expect(shellQuoted("it's; $(rm) `x`")).toBe("'it'\\''s; $(rm) `x`'")
  expect(shellQuoted('')).toBe("''")
  expect(curl('http://h', 'append', { text: "it's" })).toContain(`"text":"it'\\''s"}}'`)
  expect(curlEvents('http://h', 'a')).toBe('curl -sN http://h/rooms/a/events -H "authorization: Bearer $TOKEN"')
})

test('addresses keep their path, and text for JavaScript is quoted as one string', () => {
  const below = joinInstructions('https://h/chat', 'lobby')
  for (const line of [below.curl, curl('https://h/chat', 'push')]) expect(line).toContain(' https://h/chat/rpc ')
  expect(below.terminal).toContain(' chat https://h/chat --name ')
  expect(curlEvents('https://h/chat', 'lobby')).toContain(' https://h/chat/rooms/lobby/events ')
  expect(joinInstructions("http://h/it's", 'lobby').code).toContain("url: 'http://h/it\\'s'")
})

test('the MCP settings are JSON with the address and the room', () => {
  const { mcpServers } = JSON.parse(joinInstructions('http://h/chat', 'demo').mcp)
  expect(mcpServers.midsentence.args).toEqual([
    ...['/path/to/midsentence/packages/cli/bin/midsentence.js', 'mcp', 'http://h/chat'],
    ...['--name', 'Claude', '--room', 'demo'],
  ])
  const { env } = JSON.parse(joinInstructions('http://h', 'demo', true).mcp).mcpServers.midsentence
  expect(env).toEqual({ MIDSENTENCE_CREDENTIAL: 'the credential' })
})
