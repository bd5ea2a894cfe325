import fc from 'fast-check'
import { must, same } from '../../kit/assertions.ts'
import type { RuleId } from '../../kit/rules.ts'
import { texts } from '../../kit/texts.ts'
import type { LegacyAnswer, LegacyConnection, LegacyEvents } from './legacy-connection.ts'

/** One case: a connection and unique names. */
export interface LegacyScenario {
  readonly connection: LegacyConnection
  readonly seed: number
  readonly runs: number
  nameOf(name: string): string
  /** Registers a unique name and returns it. */
  join(name: string): Promise<string>
}

export interface LegacyRule {
  readonly id: RuleId
  /** Which part of the rule this dialect can keep. */
  readonly checked: string
  run(scenario: LegacyScenario): Promise<void>
}

const contents = (events: LegacyEvents, ...senders: string[]): readonly string[] =>
  events.from(...senders).map(({ content }) => content)

const send = async (connection: LegacyConnection, username: string, message: string): Promise<void> =>
  statusIs(await connection.post('/send', { username, message }), 200, 'a message was refused')

function statusIs({ status, text }: LegacyAnswer, expected: number, what: string): void {
  must(status === expected, `${what}: the answer was ${status}, not ${expected}`, text.slice(0, 200))
}

async function checkTakenName({ connection, join, nameOf }: LegacyScenario): Promise<void> {
  const ada = await join('Ada')
  statusIs(await connection.register(ada), 409, 'a taken name was registered again')
  for (const body of [{}, { username: null }, { name: nameOf('Ben') }, []])
    statusIs(await connection.post('/register', body), 422, 'a registration without a name was accepted')
}

async function checkLeaving({ connection, join }: LegacyScenario): Promise<void> {
  const ada = await join('Ada')
  const events = await connection.openEventsAs(ada)
  statusIs(await connection.unregister(ada), 200, 'a name could not be unregistered')
  await events.waitUntil(({ ended }) => ended)
  must(events.ended, 'a stream continued after its name was unregistered')
  statusIs(await connection.post('/send', { username: ada, message: 'x' }), 404, 'an unregistered name could send')
  statusIs(await connection.unregister(ada), 200, 'a second unregister was an error')
  statusIs(await connection.register(ada), 200, 'an unregistered name was not free')
}

async function checkRefusedStream({ connection, nameOf }: LegacyScenario): Promise<void> {
  const unregistered = await connection.openEventsAs(nameOf('Unknown'))
  same(unregistered.status, 403, 'an unregistered name got a stream')
  same((await connection.openEvents('')).status, 422, 'a stream without a name was opened')
}

async function checkRefusals({ connection, join, nameOf }: LegacyScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const events = await connection.openEventsAs(ben)
  const unregistered = nameOf('Unknown')
  statusIs(
    await connection.post('/send', { username: unregistered, message: 'x' }),
    404,
    'an unregistered name could send',
  )
  for (const body of [
    {},
    { username: ada },
    { message: 'x' },
    { username: ada, message: null },
    { username: ada, message: {} },
  ])
    statusIs(await connection.post('/send', body), 422, 'an incomplete message was accepted')
  await send(connection, ada, 'the end')
  await events.waitUntil(events => contents(events, ada).includes('the end'))
  same(contents(events, ada, unregistered), ['the end'], 'a refused message was delivered')
}

async function checkContent({ connection, join, seed, runs }: LegacyScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const events = await connection.openEventsAs(ben)
  const whole = texts({ maxLength: 30 }).map(text => `.${text.toWellFormed()}`)
  const sent = fc.sample(whole, { seed, numRuns: Math.min(runs, 60) })
  for (const text of sent) await send(connection, ada, text)
  await events.waitUntil(events => contents(events, ada).length >= sent.length)
  const found = contents(events, ada)
  const wrong = sent.findIndex((text, at) => found[at] !== text)
  if (wrong >= 0) same(found[wrong], sent[wrong], 'a message differs from the text that was sent')
}

async function checkOnceInOrder({ connection, join }: LegacyScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const sent = Array.from({ length: 20 }, (_, at) => `${at}`)
  for (const text of sent.slice(0, 5)) await send(connection, ada, text)
  const events = await connection.openEventsAs(ben)
  for (const text of sent.slice(5)) await send(connection, ada, text)
  await send(connection, ada, 'the end')
  await events.waitUntil(events => contents(events, ada).includes('the end'))
  same(contents(events, ada), [...sent, 'the end'], 'a message was delivered twice, not at all, or out of order')
}

async function checkOneOrder({ connection, join }: LegacyScenario): Promise<void> {
  const names = [await join('Ada'), await join('Ben'), await join('Cy')]
  const streams = await Promise.all(names.map(connection.openEventsAs))
  const rounds = 5
  await Promise.all(
    names.map(async name => {
      for (let round = 0; round < rounds; round++) await send(connection, name, `${name} ${round}`)
    }),
  )
  for (const events of streams) await events.waitUntil(events => events.from(...names).length >= rounds * names.length)
  const [first, ...others] = streams.map(events => contents(events, ...names))
  same(first?.length, rounds * names.length, 'messages sent at the same time were lost or delivered twice')
  for (const other of others) same(other, first, 'two streams brought the same messages in different orders')
}

async function checkEchoes({ connection, join }: LegacyScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const [own, other] = [await connection.openEventsAs(ada), await connection.openEventsAs(ben)]
  for (const [name, text] of [
    [ada, 'one'],
    [ben, 'two'],
    [ada, 'three'],
    [ada, 'three'],
  ] as const)
    await send(connection, name, text)
  const all = ['one', 'two', 'three', 'three']
  for (const events of [own, other]) {
    await events.waitUntil(events => events.from(ada, ben).length >= all.length)
    same(contents(events, ada, ben), all, 'a sender’s own messages did not come back once each, in the common order')
  }
}

async function checkEvents({ connection, join }: LegacyScenario): Promise<void> {
  const ada = await join('Ada')
  const events = await connection.openEventsAs(ada)
  same([events.status, events.type.split(';')[0]], [200, 'text/event-stream'], 'the answer is not an event stream')
  const forged = 'two\nlines\r\n\r\ndata: [{"sender":"Ben"}]'
  await send(connection, ada, forged)
  const ben = await join('Ben')
  await connection.unregister(ben)
  const about = (events: LegacyEvents) => contents(events, 'Server').filter(content => content.includes(ben))
  await events.waitUntil(events => about(events).length >= 2)
  same(contents(events, ada), [forged], 'a text of several lines is not one message')
  same(about(events).length, 2, 'joins and leaves are not reported by Server, once each')
  const odd = events.messages.find(({ timestamp }) => !/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(timestamp))
  must(odd === undefined, 'a timestamp is not HH:MM:SS', odd)
  same(
    events.messages.filter(({ sender, content }) => sender !== 'Server' && content.includes(`${ben} has`)),
    [],
    'a notice was delivered as a participant’s message',
  )
}

/** The rules that the legacy dialect can keep, completely or in part. */
export const legacyRules: readonly LegacyRule[] = [
  { id: 'P1', checked: 'A text arrives unchanged, as one message.', run: checkContent },
  { id: 'L1', checked: 'While a stream is up: once, in order, queued messages included.', run: checkOnceInOrder },
  { id: 'L2', checked: 'All streams bring the messages in one order.', run: checkOneOrder },
  {
    id: 'L4',
    checked: 'A sender’s own messages come back once each, in order, so that a client can skip them.',
    run: checkEchoes,
  },
  {
    id: 'A2',
    checked: 'A taken name is 409, a missing one 422. Which names are plain is not checked.',
    run: checkTakenName,
  },
  { id: 'A5', checked: 'The name is free at once and its stream ends.', run: checkLeaving },
  {
    id: 'W4',
    checked: 'An invalid request is 422, an unregistered name 404, and neither is delivered.',
    run: checkRefusals,
  },
  {
    id: 'V1',
    checked: 'An event is an array of {sender, content, timestamp}. Server reports joins and leaves.',
    run: checkEvents,
  },
  { id: 'V3', checked: '403 for an unregistered name, 422 for a missing one.', run: checkRefusedStream },
]
