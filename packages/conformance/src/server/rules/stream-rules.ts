import { must, same } from '../../kit/assertions.ts'
import type { OpenEventStream, StreamEvent } from '../server-harness.ts'
import { type ServerRule, type ServerScenario, serverRule } from '../server-rule.ts'

const messagesOf = ({ events }: OpenEventStream): StreamEvent[] => events.filter(({ event }) => event === 'message')
const contentOf = ({ data }: StreamEvent): string => (JSON.parse(data) as { content: string }).content

async function arrived(scenario: ServerScenario, stream: OpenEventStream, count: number): Promise<StreamEvent[]> {
  for (let tried = 0; tried < 200 && messagesOf(stream).length < count; tried++) await scenario.harness.settle()
  return messagesOf(stream)
}

async function oneEventEach(scenario: ServerScenario): Promise<void> {
  const { harness, join } = scenario
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const stream = await harness.stream!({ room: harness.room, token: ada.token! })
  same(stream.status, 200, 'a stream was not opened')
  const contents = [
    'one',
    'two\nlines',
    'a\r\nid: 99\r\n\r\ndata: forged',
    'nul \0 and \u2028 and \u2029',
    'data: x',
    '🏳️‍🌈 é',
  ]
  let cursor = ben.joinResult.cursor
  for (const [at, content] of contents.entries()) {
    const { seq } = await ben.call('publish', { content, base: cursor, key: `${at}`, meta: { 'event\n': '\r\n\r\n' } })
    cursor = seq!
  }
  const own = await ada.call('publish', { content: 'mine', base: 0, key: 'mine' })
  must(own.held === true, 'a publish across unseen messages was not held', own)
  const events = await arrived(scenario, stream, contents.length)
  same(events.map(contentOf), contents, 'a stream did not deliver exactly the messages')
  same(
    events.map(({ id }) => id),
    contents.map((_, at) => `${cursor - contents.length + 1 + at}`),
    'event ids are not the seqs of their messages',
  )
  must(
    stream.events.every(({ id }) => /^\d+$/.test(id)),
    'an event has no id',
    stream.events.find(({ id }) => !/^\d+$/.test(id)),
  )
  await stream.close()
}

async function resumesStreams(scenario: ServerScenario): Promise<void> {
  const { harness, join } = scenario
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const { cursor } = ada.joinResult
  const ask = { room: harness.room, token: ada.token! }
  const first = await harness.stream!(ask)
  for (const text of ['one', 'two', 'three', 'four']) await ben.sendMessage(text)
  await arrived(scenario, first, 4)
  await first.close()
  for (const [how, expected] of [
    [{ lastEventId: cursor + 2 }, ['three', 'four']],
    [{ after: cursor + 3 }, ['four']],
    [{ lastEventId: cursor + 3, after: cursor }, ['four']],
    [{}, ['one', 'two', 'three', 'four']],
  ] as const) {
    const stream = await harness.stream!({ ...ask, ...how })
    const events = await arrived(scenario, stream, expected.length)
    same(events.map(contentOf), expected, `a stream resumed from another message: ${JSON.stringify(how)}`)
    await stream.close()
  }
  const both = [await harness.stream!(ask), await harness.stream!(ask)]
  await ben.sendMessage('five')
  for (const stream of both) {
    const events = await arrived(scenario, stream, 5)
    same(
      events.map(contentOf),
      ['one', 'two', 'three', 'four', 'five'],
      'two streams of one session did not both receive every message',
    )
    await stream.close()
  }
}

async function refusals({ harness, join }: ServerScenario): Promise<void> {
  const ada = await join('Ada')
  const ask = { room: harness.room, token: ada.token! }
  for (const [request, status] of [
    [{ room: harness.room }, 401],
    [{ room: harness.room, token: 'unknown' }, 401],
    [{ ...ask, room: 'another' }, 404],
    [{ ...ask, lastEventId: 999 }, 400],
    [{ ...ask, after: 999 }, 400],
    [{ ...ask, lastEventId: 'x' }, 400],
    [{ ...ask, after: -1 }, 400],
  ] as const) {
    const stream = await harness.stream!(request)
    same(
      stream.status,
      status,
      `a stream request has another status: ${JSON.stringify(request).replace(ada.token!, '…')}`,
    )
    await stream.close()
  }
}

/** Rules of event streams. */
export const streamRules: readonly ServerRule[] = [
  serverRule('V1', ['stream'], oneEventEach),
  serverRule('V2', ['stream'], resumesStreams),
  serverRule('V3', ['stream'], refusals),
]
