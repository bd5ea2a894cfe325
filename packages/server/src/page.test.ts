import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { page, pageHeaders } from './page.ts'
import { curl, curlEvents, shellQuoted, waysIn } from './ways-in.ts'

test('the page runs nothing and loads nothing, and its style is the one that is let through', () => {
  const html = page('http://127.0.0.1:8890')
  expect(html).not.toMatch(/<script|<link|<img|<form|\son\w+=|\sstyle=|javascript:|src=/i)
  const style = /<style>([^<]*)<\/style>/.exec(html)![1]!
  const hash = createHash('sha256').update(style).digest('base64')
  expect(pageHeaders['content-security-policy']).toContain(`default-src 'none'; style-src 'sha256-${hash}';`)
})

test('nothing that it is called by becomes a part of the page', () => {
  expect(page('http://<b>&"')).not.toMatch(/<b>|&"/)
})

test('the page says how to come in: as a person, with code, with curl', () => {
  const html = page('http://127.0.0.1:8890')
  for (const word of ['midsentence chat http://127.0.0.1:8890', 'AsyncChatRoom', 'curl -s', 'rpc.discover', '/healthz'])
    expect(html).toContain(word)
})

test('the page says what to show, where whoever joins has to', () => {
  expect(page('http://h')).not.toContain('MIDSENTENCE_CREDENTIAL')
  expect(page('http://h', true)).toContain('export MIDSENTENCE_CREDENTIAL=')
  expect(waysIn('http://h', 'lobby', true).curl).toContain(`"credential":"'"$MIDSENTENCE_CREDENTIAL"'"}}'`)
})

test('what a shell reads is one word, whatever stands in it', () => {
  expect(shellQuoted('http://127.0.0.1:8890/rpc')).toBe('http://127.0.0.1:8890/rpc')
  expect(shellQuoted("it's; $(rm) `x`")).toBe("'it'\\''s; $(rm) `x`'")
  expect(shellQuoted('')).toBe("''")
  expect(curl('http://h', 'append', { text: "it's" })).toContain(`"text":"it'\\''s"}}'`)
  expect(curlEvents('http://h', 'a')).toBe('curl -sN http://h/rooms/a/events -H "authorization: Bearer $TOKEN"')
})

test('what JavaScript reads is one string', () => {
  expect(waysIn("http://h/it's", 'lobby').code).toContain("url: 'http://h/it\\'s'")
})
