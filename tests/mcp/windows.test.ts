import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AsyncChatRoom } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import { expect, onTestFinished, test } from 'vitest'
import { type Host, stateFolder, stdioHost } from './hosts.ts'

/** A server, and windows of one host with the same settings: each is a process in `folder`. */
async function windows() {
  const { url, close } = await startServer({ port: 0 })
  onTestFinished(close)
  const state = await stateFolder()
  const folders = { a: join(state, 'a'), b: join(state, 'b') }
  await Promise.all(Object.values(folders).map(folder => mkdir(folder)))
  const open = (folder: keyof typeof folders, ...args: string[]) =>
    stdioHost('2025-11-25', [url, '--name', 'Claude', ...args], state, folders[folder])
  return { url, state, open }
}

const nameOf = async (host: Host) => /^\* You are "(.*?)"\. /m.exec(await host.read('who'))?.[1]

async function killed(host: Host) {
  const closed = new Promise<void>(resolve => {
    host.client.onclose = resolve
  })
  process.kill(host.pid!, 'SIGKILL')
  await closed
}

test('windows of one host are numbered, and one that is killed in mid-draft gets its name and its draft back', async () => {
  const { open } = await windows()
  const first = await open('a')
  expect(await first.read('append', { text: 'I was' })).not.toContain('You are')
  await first.read('append', { text: ' about to' })
  const second = await open('a')
  expect(await second.read('append', { text: 'Mine.' })).toBe(
    '* You are "Claude-2" here: "Claude" is taken.\n* Added to your draft. Go on, or push to send it.',
  )
  await killed(first)
  const again = await open('a')
  expect(await again.read('append', { text: ' speak.' })).toBe(
    '* Your draft from before still holds 2 segments, ending with "I was about to"; reset discards it.\n* Added to your draft. Go on, or push to send it.',
  )
  expect(await again.read('append', { text: ' Now.' })).not.toContain('from before')
  expect(await nameOf(again)).toBe('Claude')
  const third = await open('a')
  expect(await nameOf(third)).toBe('Claude-3')
  expect(await nameOf(second)).toBe('Claude-2')
})

test('a window in another folder has its own journal, and comes back to it while the name is taken', async () => {
  const { open } = await windows()
  const [first, other] = [await open('a'), await open('b')]
  expect(await nameOf(first)).toBe('Claude')
  expect(await other.read('append', { text: 'From b.' })).toContain('You are "Claude-2" here')
  await killed(other)
  await killed(first)
  // The first name is not free yet, and not this folder's.
  const again = await open('b')
  expect(await again.read('check', { timeout_ms: 0 })).toContain(
    '* You are "Claude-2" here: "Claude" is taken.\n* Your draft from before still holds 1 segment, ending with "From b."; reset discards it.',
  )
})

test('windows that start at once get different names', async () => {
  const { open } = await windows()
  const hosts = await Promise.all([open('a'), open('a'), open('b')])
  expect((await Promise.all(hosts.map(nameOf))).sort()).toEqual(['Claude', 'Claude-2', 'Claude-3'])
})

test('a name of another participant leads to the next number, and with --no-numbered to a sentence for the user', async () => {
  const { url, open } = await windows()
  const person = new AsyncChatRoom({ url, username: 'Claude' })
  onTestFinished(() => person.close())
  await person.append('')
  const [numbered, fixed] = await Promise.all([open('a'), open('b', '--no-numbered')])
  expect(await nameOf(numbered)).toBe('Claude-2')
  expect(await fixed.read('who')).toMatch(
    /^\* The name "Claude" is taken in lobby: .* Tell your user to choose another name for you\.$/,
  )
  await person.close()
  expect(await nameOf(fixed)).toBe('Claude')
})
