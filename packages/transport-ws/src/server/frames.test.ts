import { message } from '@midsentence/testing/sse/streaming-hub'
import { framesIn } from '@midsentence/testing/ws/raw-socket'
import { expect, test } from 'vitest'
import { frameOf, framesOf, heartbeat, messageFrames, pongFrame } from './frames.ts'

test.each([0, 1, 125, 126, 127, 65_535, 65_536, 70_000])('a text of %i bytes is one complete frame', length => {
  const text = 'x'.repeat(length)
  const [only, ...others] = framesIn(frameOf(text))
  expect([only!.opcode, only!.data.toString() === text, others]).toEqual([1, true, []])
})

test('lengths count bytes, and joined texts stay separate frames', () => {
  const texts = ['ü'.repeat(63), '', '🦊'.repeat(40), 'é'.repeat(40_000)]
  expect(framesIn(framesOf(texts)).map(({ data }) => data.toString())).toEqual(texts)
})

test('message content stays in its frame, and a lone surrogate is replaced', () => {
  const hostile = message(1, { content: '\u0000\r\n\ud800"}\u2028', meta: { 'a"': '\u0081\u0005hello' } })
  const [only, ...others] = framesIn(messageFrames([hostile]))
  expect(others).toEqual([])
  expect(JSON.parse(only!.data.toString())).toEqual({ jsonrpc: '2.0', method: 'message', params: hostile })
})

test('a batch is encoded once for all readers', () => {
  const batch = [message(1), message(2)]
  expect(messageFrames(batch)).toBe(messageFrames(batch))
  expect(messageFrames([...batch])).toEqual(messageFrames(batch))
  expect(framesIn(messageFrames(batch))).toHaveLength(2)
})

test('a heartbeat is a ping and a text frame; a pong repeats the data of its ping', () => {
  expect(framesIn(heartbeat).map(({ opcode, data }) => [opcode, data.toString()])).toEqual([
    [9, ''],
    [1, '{"jsonrpc":"2.0","method":"alive"}'],
  ])
  expect(framesIn(pongFrame(Buffer.from('x'.repeat(125))))[0]!.data).toHaveLength(125)
})
