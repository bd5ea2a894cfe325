import { AsyncChatRoom } from '@midsentence/client'
import { expect, onTestFinished, test } from 'vitest'
import { killed, nameOf, windows } from './windows.ts'

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

test('[A4] by default a participant stays when its host ends, gives up its name later, and comes back with its draft', async () => {
  const { url, open } = await windows({ away_ms: 2000, lapse_ms: 1000 })
  const ada = new AsyncChatRoom({ url, username: 'Ada' })
  onTestFinished(() => ada.close())
  const participant = await ada.participant()
  const present = () => participant.who().present
  const before = await open('a')
  await before.read('append', { text: 'I was about to' })
  await before.client.close()
  expect(present()).toContain('Claude')
  await expect.poll(present).toEqual(['Ada'])
  const after = await open('a')
  expect(await nameOf(after)).toBe('Claude')
  expect(await after.read('preview')).toBe('* Your draft so far:\n    I was about to')
})
