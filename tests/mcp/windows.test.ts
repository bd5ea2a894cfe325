import { expect, test } from 'vitest'
import { killed, nameOf, windows } from './windows.ts'

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
