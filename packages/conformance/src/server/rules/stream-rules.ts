import { must, same } from '../../kit/assertions.ts'
import type { OpenEventStream, StreamEvent } from '../server-harness.ts'
import { type Scene, type ServerRule, serverRule } from '../server-rule.ts'

const messagesOf = ({ events }: OpenEventStream): StreamEvent[] => events.filter(({ event }) => event === 'message')
const contentOf = ({ data }: StreamEvent): string => (JSON.parse(data) as { content: string }).content

async function arrived(scene: Scene, stream: OpenEventStream, count: number): Promise<StreamEvent[]> {
  for (let tried = 0; tried < 200 && messagesOf(stream).length < count; tried++) await scene.bench.settle()
  return messagesOf(stream)
}

async function oneEventEach(scene: Scene): Promise<void> {
  const { bench, join } = scene
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const stream = await bench.stream!({ room: bench.room, token: ada.token! })
  same(stream.status, 200, 'a stream was not opened')
  const contents = [
    'one',
    'two\nlines',
    'a\r\nid: 99\r\n\r\ndata: forged',
    'nul \0 and \u2028 and \u2029',
    'data: x',
    '🏳️‍🌈 é',
  ]
  let cursor = ben.entrance.cursor
  for (const [at, content] of contents.entries()) {
    const { seq } = await ben.call('publish', { content, base: cursor, key: `${at}`, meta: { 'event\n': '\r\n\r\n' } })
    cursor = seq!
  }
  const own = await ada.call('publish', { content: 'mine', base: 0, key: 'mine' })
  must(own.held === true, 'what was not seen did not hold', own)
  const events = await arrived(scene, stream, contents.length)
  same(events.map(contentOf), contents, 'a stream brought other messages, or otherwise')
  same(
    events.map(({ id }) => id),
    contents.map((_, at) => `${cursor - contents.length + 1 + at}`),
    'ids of events are not the seqs of their messages',
  )
  must(
    stream.events.every(({ id }) => /^\d+$/.test(id)),
    'an event without an id loses its reader’s place',
    stream.events.find(({ id }) => !/^\d+$/.test(id)),
  )
  await stream.close()
}

async function goesOn(scene: Scene): Promise<void> {
  const { bench, join } = scene
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const { cursor } = ada.entrance
  const ask = { room: bench.room, token: ada.token! }
  const first = await bench.stream!(ask)
  for (const text of ['one', 'two', 'three', 'four']) await ben.say(text)
  await arrived(scene, first, 4)
  await first.close()
  for (const [how, expected] of [
    [{ lastEventId: cursor + 2 }, ['three', 'four']],
    [{ after: cursor + 3 }, ['four']],
    [{ lastEventId: cursor + 3, after: cursor }, ['four']],
    [{}, ['one', 'two', 'three', 'four']],
  ] as const) {
    const stream = await bench.stream!({ ...ask, ...how })
    const events = await arrived(scene, stream, expected.length)
    same(events.map(contentOf), expected, `a stream went on elsewhere: ${JSON.stringify(how)}`)
    await stream.close()
  }
  const both = [await bench.stream!(ask), await bench.stream!(ask)]
  await ben.say('five')
  for (const stream of both) {
    const events = await arrived(scene, stream, 5)
    same(
      events.map(contentOf),
      ['one', 'two', 'three', 'four', 'five'],
      'two streams of one session split its messages',
    )
    await stream.close()
  }
}

async function refusals({ bench, join }: Scene): Promise<void> {
  const ada = await join('Ada')
  const ask = { room: bench.room, token: ada.token! }
  for (const [request, status] of [
    [{ room: bench.room }, 401],
    [{ room: bench.room, token: 'nobody' }, 401],
    [{ ...ask, room: 'another' }, 404],
    [{ ...ask, lastEventId: 999 }, 400],
    [{ ...ask, after: 999 }, 400],
    [{ ...ask, lastEventId: 'x' }, 400],
    [{ ...ask, after: -1 }, 400],
  ] as const) {
    const stream = await bench.stream!(request)
    same(stream.status, status, `a stream was answered otherwise: ${JSON.stringify(request).replace(ada.token!, '…')}`)
    await stream.close()
  }
}

/** Server-sent events. */
export const streamRules: readonly ServerRule[] = [
  serverRule('V1', ['stream'], oneEventEach),
  serverRule('V2', ['stream'], goesOn),
  serverRule('V3', ['stream'], refusals),
]
