import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '@midsentence/server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { main } from '../main.ts'
import { adminActions } from './admin-actions.ts'

/** Creates a token file, deleted after the test. */
function tokenFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'token'), text)
  return join(folder, 'token')
}

/** Runs the command in this process. Returns the exit code and all output. */
async function midsentence(...args: string[]): Promise<string> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const error = vi.spyOn(console, 'error').mockReturnValue()
  const code = await main(args)
  const output = [...out.mock.calls, ...error.mock.calls].map(([text]) => text).join('')
  out.mockRestore()
  error.mockRestore()
  return `${code} ${output.trim()}`
}

test('admin lists rooms and participants, removes a participant, closes and opens a room', async () => {
  const { url, hub, close } = await startServer({ port: 0, adminToken: 'the-admin-token-of-this-test' })
  onTestFinished(close)
  const file = tokenFile('the-admin-token-of-this-test\n')
  const admin = (...args: string[]) => midsentence('admin', url, ...args, '--token-file', file)
  expect(await admin('rooms')).toBe('0 The server has no open rooms.')
  const { session_id } = (await hub.join({ username: 'Ada' })).joinResult
  expect(await admin('rooms')).toBe('0 lobby: 1 present, 0 messages')
  expect(await admin('participants', 'lobby')).toBe(`0 Ada (${session_id})`)
  expect(await admin('participants', 'nowhere')).toBe('1 midsentence: There is no open room nowhere.')
  expect(await admin('hush', 'lobby')).toBe('0 The models of lobby are silent until a person sends a message.')
  expect(await admin('rooms')).toBe('0 lobby: 1 present, 0 messages, models silent')
  expect(await admin('unhush', 'lobby')).toBe('0 The models of lobby may speak again.')
  expect(await admin('unhush', 'lobby')).toBe('0 The models of lobby were not silent.')
  expect(await admin('remove', 'lobby', 'Ada', '--for', '60')).toBe('0 Removed "Ada" from lobby.')
  await expect(hub.join({ username: 'Ada' })).rejects.toMatchObject({ code: 'name-taken' })
  expect(await admin('remove', 'lobby', 'Ada')).toBe('0 lobby has no participant named "Ada".')
  expect(await admin('close', 'lobby')).toBe('0 Closed lobby; participants removed: 0.')
  expect(await admin('rooms')).toBe('0 lobby: closed')
  expect(await admin('open', 'lobby')).toBe('0 Opened lobby.')
  expect(await admin('open', 'lobby')).toBe('0 lobby was not closed.')
  expect(await admin('participants', 'lobby')).toBe('0 lobby is empty.')
  const refused = await midsentence('admin', url, 'rooms', '--token-file', tokenFile('another-token'))
  expect(refused).toBe(
    `1 midsentence: The server at ${url} refuses: /admin is for administrators: send the admin token.`,
  )
})

test('admin lists which server of a cluster has which room', async () => {
  const answers = [
    { room: 'lobby', closed: false, participants: 2, head: 7, server: 'two' },
    { room: 'attic', closed: true, participants: 0, head: 0, server: 'one' },
  ]
  const lines = await adminActions.rooms!.run(async () => ({ rooms: answers }), '', '', undefined)
  expect(lines).toBe('lobby: 2 present, 7 messages, at two\nattic: closed, at one')
})

test('admin prints the rooms that are known, and which servers did not answer', async () => {
  const list = { rooms: [{ room: 'lobby', closed: false, participants: 2, head: 7, server: 'one' }] }
  const silent = ['two', 'three']
  const problem = 'No answer came from two, three, whose rooms are missing in this list: try again.'
  const answer = await adminActions.rooms!.run(async () => ({ ...list, silent }), '', '', undefined)
  expect(answer).toEqual({ text: 'lobby: 2 present, 7 messages, at one', problem })
  const { port } = await new Promise<{ port: number }>(resolve => {
    const server = createServer((_, res) => {
      res.writeHead(200, { 'content-type': 'application/json' })
      res.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { rooms: [], silent } }))
    }).listen(0, '127.0.0.1', () => resolve(server.address() as { port: number }))
    onTestFinished(() => void server.close())
  })
  const error = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => error.mockRestore())
  const file = tokenFile('the-admin-token-of-this-test')
  expect(await midsentence('admin', `http://127.0.0.1:${port}`, 'rooms', '--token-file', file)).toBe('1 ')
  expect(error.mock.calls).toEqual([[`midsentence: ${problem}\n`]])
})
