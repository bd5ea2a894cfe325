import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { curl, curlEvents, joinInstructions, shellQuoted } from './join-instructions.ts'
import { page, pageHeaders } from './page.ts'

test('the page contains no script and no resource, and its policy allows only its style', () => {
  const html = page('http://127.0.0.1:8890')
  expect(html).not.toMatch(/<script|<link|<img|<form|\son\w+=|\sstyle=|javascript:|src=/i)
  const style = /<style>([^<]*)<\/style>/.exec(html)![1]!
  const hash = createHash('sha256').update(style).digest('base64')
  expect(pageHeaders['content-security-policy']).toContain(`default-src 'none'; style-src 'sha256-${hash}';`)
})

test('the Host header is escaped in the page', () => {
  expect(page('http://<b>&"')).not.toMatch(/<b>|&"/)
})

test('the page shows how to join from a terminal, with code and with curl', () => {
  const html = page('http://127.0.0.1:8890')
  for (const word of ['midsentence chat http://127.0.0.1:8890', 'AsyncChatRoom', 'curl -s', 'rpc.discover', '/healthz'])
    expect(html).toContain(word)
})

test('the page and the commands include the credential if the server requires one', () => {
  expect(page('http://h')).not.toContain('MIDSENTENCE_CREDENTIAL')
  expect(page('http://h', true)).toContain('export MIDSENTENCE_CREDENTIAL=')
  expect(joinInstructions('http://h', 'lobby', true).curl).toContain(`"credential":"'"$MIDSENTENCE_CREDENTIAL"'"}}'`)
})

test('text for a shell is quoted as one word', () => {
  expect(shellQuoted('http://127.0.0.1:8890/rpc')).toBe('http://127.0.0.1:8890/rpc')
  expect(shellQuoted("it's; $(rm) `x`")).toBe("'it'\\''s; $(rm) `x`'")
  expect(shellQuoted('')).toBe("''")
  expect(curl('http://h', 'append', { text: "it's" })).toContain(`"text":"it'\\''s"}}'`)
  expect(curlEvents('http://h', 'a')).toBe('curl -sN http://h/rooms/a/events -H "authorization: Bearer $TOKEN"')
})

test('text for JavaScript is quoted as one string', () => {
  const below = joinInstructions('https://h/chat', 'lobby')
  for (const line of [below.curl, curl('https://h/chat', 'push')]) expect(line).toContain(' https://h/chat/rpc ')
  expect(below.terminal).toContain(' chat https://h/chat --name ')
  expect(curlEvents('https://h/chat', 'lobby')).toContain(' https://h/chat/rooms/lobby/events ')
  expect(joinInstructions("http://h/it's", 'lobby').code).toContain("url: 'http://h/it\\'s'")
})
