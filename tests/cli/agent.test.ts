import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AsyncChatRoom } from '@midsentence/client'
import { defaultPolicy } from '@midsentence/core'
import { startServer } from '@midsentence/server'
import { fakeEndpoint } from '@midsentence/testing/agent/fake-endpoint'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence } from '../midsentence.ts'

test('midsentence agent talks, prints its events, is interrupted, and leaves on SIGINT', async () => {
  const policy = { ...defaultPolicy, access: () => ({ history: true, observable: true, recorded: true }) }
  const server = await startServer({ port: 0, rooms: { policy } })
  onTestFinished(() => server.close())
  const ada = new AsyncChatRoom({ url: server.url, username: 'Ada' })
  onTestFinished(() => ada.close())
  await ada.append('I am early.')
  await ada.push()
  const titles: unknown[] = []
  const endpoint = await fakeEndpoint(({ call, open, bit, finish, headers, res }) => {
    titles.push(headers['x-title'])
    if (headers.authorization !== 'Bearer secret') return res.writeHead(401).end('{}')
    open()
    if (call === 1) return bit('That is a good question. And I')
    bit('1\nBut I see that you know already.')
    finish()
  })
  const agent = midsentence.in({ A_KEY: 'secret' })(
    'agent',
    server.url,
    '--name',
    'Llama',
    '--model',
    'llama',
    '--base-url',
    endpoint.url,
    '--api-key-env',
    'A_KEY',
    '--no-journal',
    '--header',
    'X-Title: my room',
    '--header',
    'x-other:1',
  )
  await ada.append('What is it?')
  await expect.poll(async () => (await (await ada.participant()).who()).present).toContain('Llama')
  await ada.push()
  await agent.says('"Llama" joins. This room is recorded: its draft is kept for a while.')
  await agent.says('* This was said before you came:\nAda: I am early.')
  await agent.says('Llama  writes  That is a good question.')
  await ada.append('Never mind, I have found it.')
  await ada.push()
  await agent.says('Llama  stops  in mid-sentence: "Ada" spoke')
  await agent.says('Llama  keeps  1 of 1 part')
  await agent.says('Llama  sends')
  expect(await ada.check()).toBe('Llama: That is a good question. But I see that you know already.')
  expect(endpoint.closedEarly).toBe(1)
  agent.kill('SIGINT')
  const { code, stdout, stderr } = await agent.ended
  expect([code, stderr]).toEqual([0, ''])
  const [left, budget] = stdout.trimEnd().split('\n').slice(-2)
  expect(left).toBe('Llama  leaves: It was stopped.')
  expect(budget).toMatch(/^Llama sent 1 message in 1 of 50 turns, with about \d+ of 500,000 tokens\.$/)
  expect(titles).toEqual(['my room', 'my room'])
})

test('a permanent error of the endpoint prints a sentence and exits with 1', async () => {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  const endpoint = await fakeEndpoint(({ res }) => res.writeHead(401).end('{"error":{"message":"No such key"}}'))
  const agent = midsentence(
    'agent',
    server.url,
    '--name',
    'Llama',
    '--model',
    'llama',
    '--base-url',
    endpoint.url,
    '--begins',
    '--no-journal',
  )
  const { code, stderr } = await agent.ended
  expect(code).toBe(1)
  expect(stderr).toBe('midsentence: The model llama refuses the API key (401): No such key.\n')
})

test('a second agent of one name says who runs, and what to change', async () => {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  const start = () => {
    const options = ['--name', 'Llama', '--model', 'llama', '--base-url', 'http://127.0.0.1:9/v1']
    return midsentence.in({ XDG_STATE_HOME: folder })('agent', server.url, ...options)
  }
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const first = start()
  await first.says('"Llama" joins.')
  const { code, stderr } = await start().ended
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(
      /^midsentence: The journal is in use by process \d+\. An agent runs as "Llama" in this room already\. End it first, or give this one another name with --name \(and another file, where you give --journal\)\.\n$/,
    ),
  ])
  first.kill('SIGINT')
  await first.ended
})

test.each([
  [['--header', 'no colon, and a secret'], "--header takes a name and a value, as --header 'X-Title: my room'."],
  [['--header', 'X: a\nY: b'], "--header takes a name and a value, as --header 'X-Title: my room'."],
  [['--history', '0'], '--history takes a whole number above 0, not "0".'],
  [['--context', 'long'], '--context takes a whole number above 0, not "long".'],
])('agent refuses %j in a sentence', async (flags, sentence) => {
  const options = ['--name', 'Llama', '--model', 'llama', '--base-url', 'http://127.0.0.1:9/v1']
  const { code, stderr } = await midsentence('agent', 'http://127.0.0.1:9', ...options, ...flags).ended
  expect([code, stderr.includes(sentence), stderr.includes('secret')]).toEqual([2, true, false])
})
