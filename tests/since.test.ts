import { AsyncChatRoom, type ConnectOptions, connect } from '@midsentence/client'
import {
  defaultPolicy,
  type Message,
  memoryJournal,
  type Participant,
  type Policy,
  type Since,
} from '@midsentence/core'
import { startServer } from '@midsentence/server'
import { mockRoom } from '@midsentence/transport-mock'
import { expect, onTestFinished, test } from 'vitest'

const policy: Policy = {
  ...defaultPolicy,
  access: room => ({ history: room === 'open', observable: room === 'watched' }),
}

type Connect = (username: string, options?: Partial<ConnectOptions>) => Promise<Participant>

/** Opens rooms with these rules, and returns how to connect to them. */
const ways: Readonly<Record<string, () => Promise<Connect>>> = {
  'server-sent events': () => overServer('http'),
  'a WebSocket': () => overServer('ws'),
  'the mock transport': async () => {
    const rooms = new Map<string, ReturnType<typeof mockRoom>>()
    return (username, options) => {
      const name = options?.room ?? 'open'
      const room = rooms.get(name) ?? mockRoom({ room: name, policy })
      rooms.set(name, room)
      return closedAtEnd(connect('', { username, ...options, room: name, transport: room.peer() }))
    }
  },
}

async function overServer(scheme: string): Promise<Connect> {
  const { url, close } = await startServer({ port: 0, rooms: { policy } })
  onTestFinished(close)
  return (username, options) =>
    closedAtEnd(connect(url.replace('http', scheme), { room: 'open', ...options, username }))
}

async function closedAtEnd(joining: Promise<Participant>): Promise<Participant> {
  const participant = await joining
  onTestFinished(() => participant.close())
  return participant
}

async function say(by: Participant, ...texts: readonly string[]) {
  for (const text of texts) {
    await by.append(text)
    expect(await by.push()).toMatchObject({ status: 1 })
  }
}

function contents(participant: Participant) {
  const messages: Message[] = []
  participant.messages$.subscribe(message => void messages.push(message))
  return { all: () => messages.map(({ content }) => content) }
}

for (const [way, open] of Object.entries(ways)) {
  test.each<[Since, readonly string[]]>([
    [{ last: 2 }, ['b', 'c']],
    [{ last: 9 }, ['a', 'b', 'c']],
    [{ last: 0 }, []],
    [1, ['b', 'c']],
    [3, []],
  ])(`[A7] over ${way}, since %j gives the past as read in the first answer: it holds nothing`, async (since, past) => {
    const connect = await open()
    const ben = await connect('Ben')
    await say(ben, 'a', 'b', 'c')
    const ada = await connect('Ada', { since })
    expect(ada.view.unseen).toBe(0)
    expect(contents(ada).all()).toEqual(past)
    await ada.append('mine')
    const sent = await ada.push()
    expect(sent).toMatchObject({ status: 1, seq: 4 })
    expect(sent).not.toHaveProperty('crossed')
    await say(ben, 'd')
    expect((await ada.check()).messages.map(({ content }) => content)).toEqual(['d'])
  })

  test(`[A7] over ${way}, the first answer marks what was said before, and a new message holds`, async () => {
    const connect = await open()
    const ben = await connect('Ben')
    await say(ben, 'a', 'b')
    const ada = await connect('Ada', { since: { last: 5 } })
    const all = contents(ada)
    const first = await ada.append('mine')
    expect(first).toMatchObject({ messages: [{ content: 'a' }, { content: 'b' }], history: 2, cursor: 2 })
    await say(ben, 'c')
    expect(await ada.push()).toMatchObject({ status: 0, held: true, messages: [{ content: 'c' }] })
    expect(await ada.push()).toMatchObject({ status: 1 })
    await expect.poll(all.all).toEqual(['a', 'b', 'c', 'mine'])
  })

  test(`[A7] over ${way}, a room without history has no last messages, and refuses a seq`, async () => {
    const connect = await open()
    const ben = await connect('Ben', { room: 'closed' })
    await say(ben, 'a')
    const ada = await connect('Ada', { room: 'closed', since: { last: 5 } })
    expect(contents(ada).all()).toEqual([])
    expect(await ada.check({ timeout_ms: 0 })).toMatchObject({ status: 0, messages: [] })
    await expect(connect('Cleo', { room: 'closed', since: 0 })).rejects.toMatchObject({ code: 'room-unavailable' })
    await expect(connect('Cleo', { since: 9 })).rejects.toMatchObject({ code: 'invalid-params' })
  })

  test(`[A8] over ${way}, the view says at the join that drafts are observed`, async () => {
    const connect = await open()
    expect((await connect('Ada', { room: 'watched' })).view.observable).toBe(true)
    expect((await connect('Ada')).view.observable).toBe(false)
  })
}

test('[L5] a past of more than a page is given in pages, and messages$ has all of it in order', async () => {
  const connect = await ways['server-sent events']!()
  const ben = await connect('Ben')
  const texts = Array.from({ length: 250 }, (_, at) => `${at + 1}`)
  await say(ben, ...texts)
  const ada = await connect('Ada', { since: 0 })
  const all = contents(ada)
  const pages: [number, number | undefined, true | undefined][] = []
  for (let more = true; more; ) {
    const answer = await ada.check({ timeout_ms: 1000 })
    more = answer.more === true || answer.cursor < 250
    pages.push([answer.messages.length, answer.history, answer.more])
  }
  expect(pages.reduce((sum, [messages]) => sum + messages, 0)).toBe(250)
  expect(pages[0]).toEqual([100, 100, true])
  expect(pages.every(([messages, history]) => messages === history)).toBe(true)
  expect(all.all()).toEqual(texts)
  await ada.append('mine')
  expect(await ada.push()).toMatchObject({ status: 1, seq: 251 })
})

test.each(['http', 'ws'])(
  'a participant that comes back over %s sees the past again, and is given only what is new',
  async scheme => {
    const connect = await overServer(scheme)
    const ben = await connect('Ben')
    const journal = memoryJournal()
    // A page that is reloaded neither leaves nor closes its journal.
    const first = await connect('Ada', { journal, since: { last: 5 } })
    await say(ben, 'a', 'b')
    for (let read = 0; read < 2; ) read += (await first.check()).messages.length
    await first.append('half a ')
    const facts = [...journal.facts]
    await say(ben, 'c')
    const reloaded = memoryJournal()
    await reloaded.append(facts)
    const again = await connect('Ada', { journal: reloaded, since: { last: 5 } })
    const all = contents(again)
    await expect.poll(all.all).toEqual(['a', 'b', 'c'])
    expect(await again.check()).toMatchObject({ messages: [{ content: 'c' }] })
    expect((await again.append('sentence')).suffix).toBe('half a sentence')
  },
)

test.each([
  ['observed', {}, '* Observers of this room see your draft while you write it. It is not recorded.'],
  [
    'recorded',
    { recorded: true },
    '* This room is recorded: observers see your draft while you write it, and it is kept for a while, also what you take back.',
  ],
])('[I1] a model reads which messages were said before it came, and that its draft is %s', async (_, more, notice) => {
  const room = mockRoom({ policy: { ...policy, access: () => ({ history: true, observable: true, ...more }) } })
  const ben = await closedAtEnd(connectTo(room, 'Ben'))
  await say(ben, 'one', 'two')
  const ada = new AsyncChatRoom({ username: 'Ada', transport: room.peer(), since: { last: 9 } })
  onTestFinished(() => ada.close())
  const participant = await ada.participant()
  await say(ben, 'three')
  await expect.poll(() => participant.view.unseen).toBe(1)
  expect(await ada.check()).toBe(
    [
      '* This was said before you came:',
      'Ben: one',
      'Ben: two',
      '* This was said since you came:',
      'Ben: three',
      notice,
    ].join('\n'),
  )
  expect(await ada.append('x')).toBe('')
})

test('[A7] a model that comes late reads the last 20 messages without asking, and they hold no push', async () => {
  const room = mockRoom({ policy: { ...policy, access: () => ({ history: true }) } })
  const ben = await closedAtEnd(connectTo(room, 'Ben'))
  const texts = Array.from({ length: 25 }, (_, at) => `${at + 1}`)
  await say(ben, ...texts)
  const ada = new AsyncChatRoom({ username: 'Ada', transport: room.peer() })
  const cleo = new AsyncChatRoom({ username: 'Cleo', transport: room.peer(), since: { last: 0 } })
  onTestFinished(async () => void (await Promise.all([ada.close(), cleo.close()])))
  const past = ['* This was said before you came:', ...texts.slice(5).map(text => `Ben: ${text}`)].join('\n')
  expect([await ada.append('Mine.'), await ada.push()]).toEqual([past, ''])
  expect(await cleo.append('x')).toBe('')
})

const connectTo = (room: ReturnType<typeof mockRoom>, username: string) =>
  connect('', { username, transport: room.peer() })
