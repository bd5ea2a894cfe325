import fc from 'fast-check'
import { must, same } from '../../must.ts'
import type { RuleId } from '../../rules.ts'
import { texts } from '../../texts.ts'
import type { LegacyConnection, LegacyEvents, LegacyResponse } from './legacy-connection.ts'

/** One case: a line, and names that nobody else has. */
export interface LegacyScenario {
  readonly connection: LegacyConnection
  readonly seed: number
  readonly runs: number
  nameOf(name: string): string
  /** Registers under a name that nobody else has. */
  join(name: string): Promise<string>
}

export interface LegacyRule {
  readonly id: RuleId
  /** What of the rule this dialect can hold. */
  readonly checked: string
  run(scene: LegacyScenario): Promise<void>
}

const contents = (heard: LegacyEvents, ...senders: string[]): readonly string[] =>
  heard.from(...senders).map(({ content }) => content)

const say = async (line: LegacyConnection, username: string, message: string): Promise<void> =>
  statusIs(await line.post('/send', { username, message }), 200, 'a message was not taken')

function statusIs({ status, text }: LegacyResponse, expected: number, what: string): void {
  must(status === expected, `${what}: it was answered ${status}, not ${expected}`, text.slice(0, 200))
}

async function checkTakenName({ connection, join, nameOf }: LegacyScenario): Promise<void> {
  const ada = await join('Ada')
  statusIs(await connection.register(ada), 409, 'a taken name was given away')
  for (const body of [{}, { username: null }, { name: nameOf('Ben') }, []])
    statusIs(await connection.post('/register', body), 422, 'a registration without a name was taken for one')
}

async function checkLeaving({ connection, join }: LegacyScenario): Promise<void> {
  const ada = await join('Ada')
  const heard = await connection.openEventsAs(ada)
  statusIs(await connection.unregister(ada), 200, 'nobody may leave')
  await heard.waitUntil(({ ended }) => ended)
  must(heard.ended, 'a stream went on when its name had left')
  statusIs(await connection.post('/send', { username: ada, message: 'x' }), 404, 'who has left may still speak')
  statusIs(await connection.unregister(ada), 200, 'to leave again was an error')
  statusIs(await connection.register(ada), 200, 'a name was not free when its owner had left')
}

async function checkRefusedStream({ connection, nameOf }: LegacyScenario): Promise<void> {
  const nobody = await connection.openEventsAs(nameOf('Nobody'))
  same(nobody.status, 403, 'who is not registered was given a stream')
  same((await connection.openEvents('')).status, 422, 'a stream for no name was opened')
}

async function checkRefusals({ connection, join, nameOf }: LegacyScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const heard = await connection.openEventsAs(ben)
  const nobody = nameOf('Nobody')
  statusIs(await connection.post('/send', { username: nobody, message: 'x' }), 404, 'who is not registered may speak')
  for (const body of [
    {},
    { username: ada },
    { message: 'x' },
    { username: ada, message: null },
    { username: ada, message: {} },
  ])
    statusIs(await connection.post('/send', body), 422, 'a message without its parts was taken for one')
  await say(connection, ada, 'the end')
  await heard.waitUntil(heard => contents(heard, ada).includes('the end'))
  same(contents(heard, ada, nobody), ['the end'], 'what was refused was heard')
}

async function checkContent({ connection, join, seed, runs }: LegacyScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const heard = await connection.openEventsAs(ben)
  const whole = texts({ maxLength: 30 }).map(text => `.${text.toWellFormed()}`)
  const said = fc.sample(whole, { seed, numRuns: Math.min(runs, 60) })
  for (const text of said) await say(connection, ada, text)
  await heard.waitUntil(heard => contents(heard, ada).length >= said.length)
  const found = contents(heard, ada)
  const wrong = said.findIndex((text, at) => found[at] !== text)
  if (wrong >= 0) same(found[wrong], said[wrong], 'a message is not exactly what was sent')
}

async function checkOnceInOrder({ connection, join }: LegacyScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const said = Array.from({ length: 20 }, (_, at) => `${at}`)
  for (const text of said.slice(0, 5)) await say(connection, ada, text)
  const heard = await connection.openEventsAs(ben)
  for (const text of said.slice(5)) await say(connection, ada, text)
  await say(connection, ada, 'the end')
  await heard.waitUntil(heard => contents(heard, ada).includes('the end'))
  same(contents(heard, ada), [...said, 'the end'], 'somebody heard something twice, not at all, or in another order')
}

async function checkOneOrder({ connection, join }: LegacyScenario): Promise<void> {
  const names = [await join('Ada'), await join('Ben'), await join('Cy')]
  const streams = await Promise.all(names.map(connection.openEventsAs))
  const rounds = 5
  await Promise.all(
    names.map(async name => {
      for (let round = 0; round < rounds; round++) await say(connection, name, `${name} ${round}`)
    }),
  )
  for (const heard of streams) await heard.waitUntil(heard => heard.from(...names).length >= rounds * names.length)
  const [first, ...others] = streams.map(heard => contents(heard, ...names))
  same(first?.length, rounds * names.length, 'what was sent at the same time was not all heard, or twice')
  for (const other of others) same(other, first, 'two heard the same messages in another order')
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
    await say(connection, name, text)
  const all = ['one', 'two', 'three', 'three']
  for (const heard of [own, other]) {
    await heard.waitUntil(heard => heard.from(ada, ben).length >= all.length)
    same(contents(heard, ada, ben), all, 'a sender’s own did not come back once each, in the order of all')
  }
}

async function checkEvents({ connection, join }: LegacyScenario): Promise<void> {
  const ada = await join('Ada')
  const heard = await connection.openEventsAs(ada)
  same([heard.status, heard.type.split(';')[0]], [200, 'text/event-stream'], 'a stream is none')
  const forged = 'two\nlines\r\n\r\ndata: [{"sender":"Ben"}]'
  await say(connection, ada, forged)
  const ben = await join('Ben')
  await connection.unregister(ben)
  const about = (heard: LegacyEvents) => contents(heard, 'Server').filter(content => content.includes(ben))
  await heard.waitUntil(heard => about(heard).length >= 2)
  same(contents(heard, ada), [forged], 'what is said in several lines is not one message')
  same(about(heard).length, 2, 'who comes and goes is not told, under the name Server and no other')
  const odd = heard.messages.find(({ timestamp }) => !/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(timestamp))
  must(odd === undefined, 'a timestamp is not HH:MM:SS', odd)
  same(
    heard.messages.filter(({ sender, content }) => sender !== 'Server' && content.includes(`${ben} has`)),
    [],
    'a notice was given as somebody’s message',
  )
}

/** The rules that the dialect can hold, in whole or in part. */
export const legacyRules: readonly LegacyRule[] = [
  { id: 'P1', checked: 'What is sent is heard exactly so, as one message.', run: checkContent },
  { id: 'L1', checked: 'While a stream is up: once, in order, with what waited for it.', run: checkOnceInOrder },
  { id: 'L2', checked: 'All streams bring the messages in one order.', run: checkOneOrder },
  { id: 'L4', checked: 'One’s own come back once each, in place, for a client to pass over.', run: checkEchoes },
  {
    id: 'A2',
    checked: 'A name that is taken is 409, none is 422; which names are plain is not asked.',
    run: checkTakenName,
  },
  { id: 'A5', checked: 'The name is free at once, and its stream ends.', run: checkLeaving },
  {
    id: 'W4',
    checked: 'What is not understood is 422, who is not registered 404, and nobody hears it.',
    run: checkRefusals,
  },
  {
    id: 'V1',
    checked: 'An event is an array of {sender, content, timestamp}; Server says who comes and goes.',
    run: checkEvents,
  },
  { id: 'V3', checked: '403 for who is not registered, 422 for no name.', run: checkRefusedStream },
]
