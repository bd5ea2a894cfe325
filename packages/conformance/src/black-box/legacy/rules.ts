import fc from 'fast-check'
import { must, same } from '../../kit/assertions.ts'
import type { RuleId } from '../../kit/rules.ts'
import { texts } from '../../kit/texts.ts'
import type { Heard, Line, Reply } from './guest.ts'

/** One case: a line, and names that nobody else has. */
export interface LegacyScenario {
  readonly line: Line
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

const contents = (heard: Heard, ...senders: string[]): readonly string[] =>
  heard.by(...senders).map(({ content }) => content)

const say = async (line: Line, username: string, message: string): Promise<void> =>
  statusIs(await line.post('/send', { username, message }), 200, 'a message was not taken')

function statusIs({ status, text }: Reply, expected: number, what: string): void {
  must(status === expected, `${what}: it was answered ${status}, not ${expected}`, text.slice(0, 200))
}

async function takenOnce({ line, join, nameOf }: LegacyScenario): Promise<void> {
  const ada = await join('Ada')
  statusIs(await line.register(ada), 409, 'a taken name was given away')
  for (const body of [{}, { username: null }, { name: nameOf('Ben') }, []])
    statusIs(await line.post('/register', body), 422, 'a registration without a name was taken for one')
}

async function leavingFrees({ line, join }: LegacyScenario): Promise<void> {
  const ada = await join('Ada')
  const heard = await line.listenAs(ada)
  statusIs(await line.unregister(ada), 200, 'nobody may leave')
  await heard.until(({ ended }) => ended)
  must(heard.ended, 'a stream went on when its name had left')
  statusIs(await line.post('/send', { username: ada, message: 'x' }), 404, 'who has left may still speak')
  statusIs(await line.unregister(ada), 200, 'to leave again was an error')
  statusIs(await line.register(ada), 200, 'a name was not free when its owner had left')
}

async function noStream({ line, nameOf }: LegacyScenario): Promise<void> {
  const nobody = await line.listenAs(nameOf('Nobody'))
  same(nobody.status, 403, 'who is not registered was given a stream')
  same((await line.listen('')).status, 422, 'a stream for no name was opened')
}

async function nothingInSilence({ line, join, nameOf }: LegacyScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const heard = await line.listenAs(ben)
  const nobody = nameOf('Nobody')
  statusIs(await line.post('/send', { username: nobody, message: 'x' }), 404, 'who is not registered may speak')
  for (const body of [
    {},
    { username: ada },
    { message: 'x' },
    { username: ada, message: null },
    { username: ada, message: {} },
  ])
    statusIs(await line.post('/send', body), 422, 'a message without its parts was taken for one')
  await say(line, ada, 'the end')
  await heard.until(heard => contents(heard, ada).includes('the end'))
  same(contents(heard, ada, nobody), ['the end'], 'what was refused was heard')
}

async function exactlyWhatWasSent({ line, join, seed, runs }: LegacyScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const heard = await line.listenAs(ben)
  const whole = texts({ maxLength: 30 }).map(text => `.${text.toWellFormed()}`)
  const said = fc.sample(whole, { seed, numRuns: Math.min(runs, 60) })
  for (const text of said) await say(line, ada, text)
  await heard.until(heard => contents(heard, ada).length >= said.length)
  const found = contents(heard, ada)
  const wrong = said.findIndex((text, at) => found[at] !== text)
  if (wrong >= 0) same(found[wrong], said[wrong], 'a message is not exactly what was sent')
}

async function onceInOrder({ line, join }: LegacyScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const said = Array.from({ length: 20 }, (_, at) => `${at}`)
  for (const text of said.slice(0, 5)) await say(line, ada, text)
  const heard = await line.listenAs(ben)
  for (const text of said.slice(5)) await say(line, ada, text)
  await say(line, ada, 'the end')
  await heard.until(heard => contents(heard, ada).includes('the end'))
  same(contents(heard, ada), [...said, 'the end'], 'somebody heard something twice, not at all, or in another order')
}

async function oneOrder({ line, join }: LegacyScenario): Promise<void> {
  const names = [await join('Ada'), await join('Ben'), await join('Cy')]
  const streams = await Promise.all(names.map(line.listenAs))
  const rounds = 5
  await Promise.all(
    names.map(async name => {
      for (let round = 0; round < rounds; round++) await say(line, name, `${name} ${round}`)
    }),
  )
  for (const heard of streams) await heard.until(heard => heard.by(...names).length >= rounds * names.length)
  const [first, ...others] = streams.map(heard => contents(heard, ...names))
  same(first?.length, rounds * names.length, 'what was sent at the same time was not all heard, or twice')
  for (const other of others) same(other, first, 'two heard the same messages in another order')
}

async function ownComeBack({ line, join }: LegacyScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const [own, other] = [await line.listenAs(ada), await line.listenAs(ben)]
  for (const [name, text] of [
    [ada, 'one'],
    [ben, 'two'],
    [ada, 'three'],
    [ada, 'three'],
  ] as const)
    await say(line, name, text)
  const all = ['one', 'two', 'three', 'three']
  for (const heard of [own, other]) {
    await heard.until(heard => heard.by(ada, ben).length >= all.length)
    same(contents(heard, ada, ben), all, 'a sender’s own did not come back once each, in the order of all')
  }
}

async function arraysOfMessages({ line, join }: LegacyScenario): Promise<void> {
  const ada = await join('Ada')
  const heard = await line.listenAs(ada)
  same([heard.status, heard.type.split(';')[0]], [200, 'text/event-stream'], 'a stream is none')
  const forged = 'two\nlines\r\n\r\ndata: [{"sender":"Ben"}]'
  await say(line, ada, forged)
  const ben = await join('Ben')
  await line.unregister(ben)
  const about = (heard: Heard) => contents(heard, 'Server').filter(content => content.includes(ben))
  await heard.until(heard => about(heard).length >= 2)
  same(contents(heard, ada), [forged], 'what is said in several lines is not one message')
  same(about(heard).length, 2, 'who comes and goes is not told, under the name Server and no other')
  const odd = heard.entries.find(({ timestamp }) => !/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(timestamp))
  must(odd === undefined, 'a timestamp is not HH:MM:SS', odd)
  same(
    heard.entries.filter(({ sender, content }) => sender !== 'Server' && content.includes(`${ben} has`)),
    [],
    'a notice was given as somebody’s message',
  )
}

/** The rules that the dialect can hold, in whole or in part. */
export const legacyRules: readonly LegacyRule[] = [
  { id: 'P1', checked: 'What is sent is heard exactly so, as one message.', run: exactlyWhatWasSent },
  { id: 'L1', checked: 'While a stream is up: once, in order, with what waited for it.', run: onceInOrder },
  { id: 'L2', checked: 'All streams bring the messages in one order.', run: oneOrder },
  { id: 'L4', checked: 'One’s own come back once each, in place, for a client to pass over.', run: ownComeBack },
  {
    id: 'A2',
    checked: 'A name that is taken is 409, none is 422; which names are plain is not asked.',
    run: takenOnce,
  },
  { id: 'A5', checked: 'The name is free at once, and its stream ends.', run: leavingFrees },
  {
    id: 'W4',
    checked: 'What is not understood is 422, who is not registered 404, and nobody hears it.',
    run: nothingInSilence,
  },
  {
    id: 'V1',
    checked: 'An event is an array of {sender, content, timestamp}; Server says who comes and goes.',
    run: arraysOfMessages,
  },
  { id: 'V3', checked: '403 for who is not registered, 422 for no name.', run: noStream },
]
