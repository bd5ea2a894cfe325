import { type Message, virtualClock } from '@midsentence/core'
import { expect, test } from 'vitest'
import { EchoMatcher } from './echo-matcher.ts'

const message = (seq: number, content: string): Message => ({
  ...{ message_id: `${seq}`, sender_id: 'me', content, timestamp: '', seq, local_ids: true },
})

const onALine = () => {
  const clock = virtualClock()
  const echoes = new EchoMatcher(clock)
  echoes.setConnected(true)
  return { clock, echoes }
}

test('the awaited content is the expected echo, any other is unexpected', async () => {
  const { echoes } = onALine()
  const seen = echoes.expect('a')
  expect(echoes.classify('b')).toBe('unexpected')
  expect(echoes.classify('a')).toBe('expected')
  echoes.resolve(message(1, 'a'))
  expect(await seen).toMatchObject({ seq: 1 })
  expect(echoes.classify('a')).toBe('unexpected')
})

test('an overdue echo is late once, then unexpected', () => {
  const { echoes } = onALine()
  void echoes.expect('a')
  echoes.stopExpecting(true)
  expect(echoes.classify('a')).toBe('late')
  expect(echoes.classify('a')).toBe('unexpected')
})

test('an echo given up as unknown is unexpected', () => {
  const { echoes } = onALine()
  void echoes.expect('a')
  echoes.stopExpecting()
  expect(echoes.classify('a')).toBe('unexpected')
})

test('an overdue echo counts as lost after a connected minute, not while disconnected', async () => {
  const { clock, echoes } = onALine()
  void echoes.expect('a')
  echoes.stopExpecting(true)
  void echoes.expect('b')
  echoes.stopExpecting(true)
  echoes.setConnected(false)
  await clock.advance(3_600_000)
  echoes.setConnected(true)
  await clock.advance(59_999)
  expect(echoes.classify('a')).toBe('late')
  await clock.advance(1)
  expect(echoes.classify('b')).toBe('unexpected')
})

test('content sent twice matches its own echo first, then the late one', () => {
  const { echoes } = onALine()
  void echoes.expect('a')
  echoes.stopExpecting(true)
  void echoes.expect('a')
  expect(echoes.classify('a')).toBe('expected')
  echoes.resolve(message(2, 'a'))
  expect(echoes.classify('a')).toBe('late')
})

test('the echo of a later message shows that an overdue one was lost', () => {
  const { echoes } = onALine()
  void echoes.expect('a')
  echoes.stopExpecting(true)
  void echoes.expect('b')
  expect(echoes.classify('b')).toBe('expected')
  echoes.resolve(message(2, 'b'))
  expect(echoes.classify('a')).toBe('unexpected')
})

test('a remembered message is claimed once, by content, and only after the base', () => {
  const { echoes } = onALine()
  for (const seq of [3, 5]) echoes.remember(message(seq, 'a'))
  expect(echoes.claim('b', 0)).toBeUndefined()
  expect(echoes.claim('a', 3)).toMatchObject({ seq: 5 })
  expect(echoes.claim('a', 3)).toBeUndefined()
})
