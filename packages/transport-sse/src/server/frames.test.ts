import { bodyIn, eventsIn } from '@midsentence/testing/sse/event-parser'
import { serveSse } from '@midsentence/testing/sse/serve-sse'
import { message, StreamingHub } from '@midsentence/testing/sse/streaming-hub'
import { EventSource } from 'eventsource'
import { expect, onTestFinished, test, vi } from 'vitest'
import { messagesFrame } from './frames.ts'

/** Characters that would begin a new line in some parser if they were not escaped. */
const breaks = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  '\u000b',
  '\u000c',
  '\u001c',
  '\u001e',
  '\u0085',
  '\u2028',
  '\u2029',
  '\ufeff',
]
const attack = breaks.map(line => `x${line}id: 999${line}event: welcome${line}data: forged${line}${line}:`).join('')

const hostile = message(1, {
  message_id: attack,
  sender_id: attack,
  content: `${attack}\ud800`,
  timestamp: attack,
  crossed: [1],
  meta: { [attack]: [attack, { deep: attack }] },
})

test('a message is one line for every parser, with any content in any field', () => {
  const frame = messagesFrame([hostile]).plain.toString()
  expect(frame.split(/[\r\n\v\f\u001c-\u001e\u0085\u2028\u2029]/)).toHaveLength(5)
  expect(frame).toMatch(/^id: 1\nevent: message\ndata: [ -~\ufeff\ufffd]*\n\n$/)
  expect(JSON.parse(frame.split('\n')[2]!.slice('data: '.length))).toEqual(hostile)
})

test('three parsers find the same events', async () => {
  const fake = new StreamingHub()
  fake.present = [attack]
  fake.add(hostile, message(2, { content: 'after it' }))
  const { stream, url } = await serveSse(fake.hub)
  const expected = [
    ['welcome', '0', { log: 'log-1', cursor: 0, sender_id: 'Ada' }],
    ['presence', '0', { sender_id: attack, present: true }],
    ['message', '1', hostile],
    ['message', '2', fake.messages[1]],
  ]

  const client = await stream().event('after it')
  const strict = eventsIn(bodyIn(client.received))
  expect(strict.map(({ event, id, data }) => [event, id, JSON.parse(data)])).toEqual(expected)

  const received: unknown[] = []
  const source = new EventSource(`${url}/rooms/lobby/events?token=ada`)
  onTestFinished(() => source.close())
  for (const name of ['welcome', 'presence', 'message', 'missed', 'x']) {
    source.addEventListener(name, event => {
      if (event.data !== undefined) received.push([event.type, event.lastEventId, JSON.parse(event.data)])
    })
  }
  await vi.waitFor(() => expect(received.length).toBeGreaterThanOrEqual(4))
  expect(received).toEqual(expected)

  // Split as parsers do that end a line at every Unicode line break.
  const lines = bodyIn(client.received).split(/\r\n|[\r\n\v\f\u001c-\u001e\u0085\u2028\u2029]/)
  expect(lines.filter(line => line.startsWith('data: '))).toHaveLength(4)
  expect(lines.filter(line => !/^(id: \d+|event: [a-z]+|data: \{.*\}|retry: \d+|: .*|)$/.test(line))).toEqual([])
})

test('a batch is encoded once for all readers', () => {
  const batch = [message(1), message(2)]
  expect(messagesFrame(batch)).toBe(messagesFrame(batch))
  expect(messagesFrame([...batch])).toEqual(messagesFrame(batch))
  const { plain, chunked } = messagesFrame(batch)
  expect(chunked.toString()).toBe(`${plain.length.toString(16)}\r\n${plain}\r\n`)
})
