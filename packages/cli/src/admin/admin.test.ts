import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '@midsentence/server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { main } from '../main.ts'

/** A file of this test. */
function written(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'token'), text)
  return join(folder, 'token')
}

/** Runs the command in this process: its exit code, and all that it says. */
async function midsentence(...args: string[]): Promise<string> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const error = vi.spyOn(console, 'error').mockReturnValue()
  const code = await main(args)
  const said = [...out.mock.calls, ...error.mock.calls].map(([text]) => text).join('')
  out.mockRestore()
  error.mockRestore()
  return `${code} ${said.trim()}`
}

test('a keeper lists rooms and participants, takes somebody out, closes and opens a room', async () => {
  const { url, hub, close } = await startServer({ port: 0, keeperToken: 'a-token-of-the-keeper' })
  onTestFinished(close)
  const file = written('a-token-of-the-keeper\n')
  const admin = (...args: string[]) => midsentence('admin', url, ...args, '--token-file', file)
  expect(await admin('rooms')).toBe('0 There are no rooms just now.')
  const { session_id } = (await hub.join({ username: 'Ada' })).joinResult
  expect(await admin('rooms')).toBe('0 lobby: 1 there, 0 messages')
  expect(await admin('participants', 'lobby')).toBe(`0 Ada (${session_id})`)
  expect(await admin('participants', 'nowhere')).toBe('1 midsentence: There is no room nowhere just now.')
  expect(await admin('remove', 'lobby', 'Ada', '--for', '60')).toBe('0 Ada is out of lobby.')
  await expect(hub.join({ username: 'Ada' })).rejects.toMatchObject({ code: 'name-taken' })
  expect(await admin('remove', 'lobby', 'Ada')).toBe('0 Nobody in lobby is called Ada.')
  expect(await admin('close', 'lobby')).toBe('0 lobby is closed; 0 were there.')
  expect(await admin('rooms')).toBe('0 lobby: closed')
  expect(await admin('open', 'lobby')).toBe('0 lobby is open again.')
  expect(await admin('open', 'lobby')).toBe('0 lobby was not closed.')
  expect(await admin('participants', 'lobby')).toBe('0 Nobody is in lobby just now.')
  const strange = await midsentence('admin', url, 'rooms', '--token-file', written('a-token-of-nobody'))
  expect(strange).toBe(
    `1 midsentence: The server at ${url} refuses: /admin is for the administrator of this server: send its token.`,
  )
})
