import type { Message } from '@midsentence/core'
import { must, same } from '../../kit/assertions.ts'
import { durabilities } from '../../kit/durabilities.ts'
import { alike } from '../../stores/records.ts'
import { Caller, type RpcAnswer } from '../caller.ts'
import type { StreamEvent } from '../server-harness.ts'
import { type ServerRule, type ServerScenario, serverRule } from '../server-rule.ts'
import { earnFloor } from './waiting-rules.ts'

const contents = (messages: readonly Message[]) => messages.map(({ content }) => content)
const news = (caller: Caller): Promise<RpcAnswer> => caller.call('check', { timeout_ms: 0 })
const json = ({ data }: StreamEvent): unknown => JSON.parse(data)

/** Settles until `holds`, at most 200 times. */
async function until({ harness }: ServerScenario, holds: () => boolean): Promise<void> {
  for (let tried = 0; tried < 200 && !holds(); tried++) await harness.settle()
}

/** Checks what readers learn of a message that was pushed and of one that was published. */
async function messagesSayAll(scenario: ServerScenario): Promise<void> {
  const { harness, join } = scenario
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const stream = await harness.stream?.({ room: harness.room, token: ben.token! })
  const { cursor } = ada.joinResult
  await ada.call('append', { text: 'one' })
  const first = await ada.call('push')
  const second = await ada.call('publish', { content: 'two', base: first.seq, key: 'two' })
  const { messages } = await news(ben)
  const expected = [
    { of: first, content: 'one', base: cursor },
    { of: second, content: 'two', base: first.seq },
  ].map(({ of: { message_id, timestamp, seq }, content, base }) => ({
    message_id,
    sender_id: ada.joinResult.sender_id,
    content,
    timestamp,
    seq,
    base,
  }))
  must(alike(messages, expected), 'readers do not learn who said what, when, where and by which base', {
    found: messages,
    expected,
  })
  must(first.message_id !== second.message_id, 'two messages have one message_id', first.message_id)
  if (!stream) return
  const events = () => stream.events.filter(({ event }) => event === 'message')
  await until(scenario, () => events().length >= 2)
  await stream.close()
  must(alike(events().map(json), expected), 'a stream brings another message than an answer', events())
}

async function metaIsCarried(scenario: ServerScenario): Promise<void> {
  const { harness, join } = scenario
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const stream = await harness.stream?.({ room: harness.room, token: ben.token! })
  const meta = { 'a key': [1, 'é\u2028', null, { deep: true }], empty: {} }
  await ada.call('append', { text: 'pushed' })
  const { seq } = await ada.call('push', { meta })
  const last = await ada.call('publish', { content: 'published', base: seq, key: 'k', meta })
  await ada.call('publish', { content: 'without', base: last.seq, key: 'l' })
  const { messages } = await news(ben)
  const metas = [meta, meta, undefined]
  must(
    alike(
      messages.map(message => message.meta),
      metas,
    ),
    'meta did not arrive as it was sent',
    messages,
  )
  if (!stream) return
  const events = () => stream.events.filter(({ event }) => event === 'message')
  await until(scenario, () => events().length >= 3)
  await stream.close()
  const streamed = events().map(event => (json(event) as Message).meta)
  must(alike(streamed, metas), 'meta did not arrive on a stream as it was sent', streamed)
}

async function answersSentOrHeld({ join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  await ben.call('append', { text: 'news' })
  const sent = await ben.call('push')
  const all = await ben.call('publish', { content: 'more', base: sent.seq, key: 'k' })
  for (const text of ['mine', ' and more']) await ada.call('append', { text })
  const held = await ada.call('publish', { content: 'mine too', base: ada.joinResult.cursor, key: 'l' })
  same(
    [held.status, held.held, held.suffix, held.segments, held.floor, contents(held.messages)],
    [0, true, 'mine too', 1, undefined, ['news', 'more']],
    'a held publish does not describe its content and the messages it was held for',
  )
  for (const [at, answer] of [sent, all].entries()) {
    const { message_id, timestamp, seq } = held.messages[at]!
    same(
      [answer.status, answer.held, answer.message_id, answer.timestamp, answer.seq],
      [1, undefined, message_id, timestamp, seq],
      'the answer to a sent push does not describe its message',
    )
  }
  must(durabilities.includes(String(sent.durability)), 'the answer to a sent push has no durability', sent)
  same(all.durability, sent.durability, 'push and publish promise different durability')
}

async function previewShowsSegments({ join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const { cursor } = ada.joinResult
  await ada.call('append', { text: 'é👍🏽' })
  const { seq } = await ben.sendMessage('news')
  await news(ada)
  await ada.call('append', { text: 'two' })
  const found = await ada.call('preview')
  same(
    [found.status, found.draft, found.length, found.suffix],
    [1, 'é👍🏽two', 6, 'é👍🏽two'],
    'a preview does not show the draft, its length and its end',
  )
  const segments = [
    { length: 3, base: cursor },
    { length: 3, base: seq },
  ]
  must(alike(found.segments, segments), 'a preview does not list length and base of each segment', found.segments)
}

async function everyAnswerBringsNews({ join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  let before = ada.joinResult.cursor
  for (const [method, params] of [
    ['append', { text: 'x' }],
    ['append', { text: 'y' }],
    ['undo', {}],
    ['preview', {}],
    ['push', {}],
    ['reset', {}],
    ['publish', { content: 'x', key: 'k' }],
    ['check', { timeout_ms: 0 }],
  ] as const) {
    const { seq } = await ben.sendMessage(method)
    const by = method === 'publish' ? { ...params, base: before } : params
    const { messages, cursor, more, missed } = await ada.call(method, by)
    same(contents(messages), [method], `${method} does not bring what is new`)
    same([cursor, more, missed], [seq, undefined, undefined], `${method} has another cursor, or something is left`)
    must(cursor > before, 'the cursor did not move', cursor)
    before = cursor
  }
  const { seq } = await ada.call('publish', { content: 'mine', base: before, key: 'mine' })
  const { cursor, status } = await ada.call('preview')
  same([cursor, status], [seq, 1], 'the cursor did not move over an own message')
}

async function floorIsReported({ join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const namesAda = (answer: RpcAnswer, what: string) => {
    const { name, for_ms } = (answer.floor ?? {}) as { name?: unknown; for_ms?: unknown }
    same(name, ada.joinResult.sender_id, `${what} does not name the participant with the floor`)
    must(typeof for_ms === 'number' && for_ms > 0 && for_ms <= 60_000, `${what} has another time for the floor`, for_ms)
  }
  must((await ben.call('who')).floor === undefined, 'who names a floor although there is none')
  await earnFloor(ada, ben)
  namesAda(await ada.call('check', { timeout_ms: 0 }), 'a check of its holder')
  for (const caller of [ada, ben]) namesAda(await caller.call('who'), 'who')
  await ben.call('append', { text: 'waits' })
  namesAda(await ben.call('push', { timeout_ms: 0 }), 'a push that waited')
  const published = { content: 'waits', base: ben.joinResult.cursor, key: 'k', timeout_ms: 0 }
  namesAda(await ben.call('publish', published), 'a publish that waited')
  must((await news(ben)).floor === undefined, 'a check names the floor of another')
  const given = [await ada.call('yield'), await ada.call('yield')].map(({ status }) => status)
  same(given, [1, 0], 'yield does not say whether the caller had the floor')
}

async function sessionsName({ harness, join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  await ada.call('append', { text: 'mid' })
  const { seq } = await ben.sendMessage('news')
  const { session_id, log } = ada.joinResult
  must(typeof log === 'string' && log !== '', 'join does not name its log', ada.joinResult)
  same(ben.joinResult.log, log, 'two sessions of one server name different logs')
  must(ben.joinResult.session_id !== session_id, 'two sessions have one session_id', session_id)
  const resumed = await ada.call('resume')
  same(
    [resumed.session_id, resumed.log, resumed.cursor, resumed.policy, resumed.suffix],
    [session_id, log, ada.joinResult.cursor, 'hold', 'mid'],
    'resume does not return the session, its cursor and the end of its draft',
  )
  const cy = await join('Cy')
  same(
    [cy.joinResult.room, cy.joinResult.sender_id, cy.joinResult.cursor, cy.joinResult.policy, cy.joinResult.observable],
    [harness.room, cy.name, seq, 'hold', undefined],
    'a join does not name its room, name and policy, or does not begin at the newest message',
  )
  const { participants } = (await cy.call('who')) as unknown as { participants: { sender_id: string }[] }
  const listed = participants.map(({ sender_id }) => sender_id)
  same(listed.toSorted(), [ada, ben, cy].map(({ name }) => name).toSorted(), 'who does not list the participants')
  same(
    participants.map(one => Object.keys(one).filter(name => name !== 'writing')),
    participants.map(() => ['sender_id']),
    'who says more of participants that are there than their name, and whether they write',
  )
}

async function namesPolicy(scenario: ServerScenario): Promise<void> {
  const ada = await scenario.join('Ada')
  const open = await Caller.join(scenario.harness, ada.name, { room: scenario.harness.annotating })
  const policies = [ada, open].map(({ joinResult }) => joinResult.policy)
  same(policies, ['hold', 'annotate'], 'join names another policy than its room has')
}

async function saysObservable({ harness, join }: ServerScenario): Promise<void> {
  const ada = await join('Ada')
  const seen = await Caller.join(harness, ada.name, { room: harness.observable })
  const told = [ada, seen].map(({ joinResult }) => joinResult.observable)
  same(told, [undefined, true], 'join does not say whether observers see drafts')
  const resumed = await seen.call('resume')
  same(resumed.observable, true, 'resume does not say that observers see drafts')
}

async function givesHistory({ harness, join }: ServerScenario): Promise<void> {
  const room = harness.history
  const ben = await Caller.join(harness, (await join('Ben')).name, { room })
  for (const text of ['one', 'two', 'three']) await ben.sendMessage(text)
  const head = 3
  for (const [name, start] of [
    ['Ada', { last: 2 }],
    ['Cleo', { since: head - 2 }],
  ] as const) {
    const late = await Caller.join(harness, (await join(name)).name, { room, ...start })
    same([late.joinResult.cursor, late.joinResult.head], [head - 2, head], 'join does not say what was said before')
    same((await late.call('resume')).head, head, 'resume does not say what was said before')
    same(
      (await late.call('preview')).messages.map(({ content }) => content),
      ['two', 'three'],
      'what was said before was not delivered',
    )
  }
  const dora = await Caller.join(harness, (await join('Dora')).name, { room, last: 2 })
  const sent = await dora.call('publish', { content: 'mine', base: head - 2, key: 'k' })
  same([sent.status, sent.crossed], [1, undefined], 'what was said before the join held or crossed a message')
}

async function opensWithWelcome(scenario: ServerScenario): Promise<void> {
  const { harness, join } = scenario
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const { seq } = await ben.sendMessage('before')
  const stream = await harness.stream!({ room: harness.room, token: ada.token! })
  const count = (event: string) => stream.events.filter(one => one.event === event)
  await until(scenario, () => count('message').length >= 1)
  const [first] = stream.events
  must(first?.event === 'welcome', 'a stream does not begin with welcome', first)
  const { log, cursor } = ada.joinResult
  must(
    alike(json(first), { log, cursor, sender_id: ada.name }),
    'welcome does not name the log, where the stream begins, and its reader',
    first.data,
  )
  same(first.id, `${cursor}`, 'welcome has another id than the seq it begins after')
  same(count('message').at(-1)?.id, `${seq}`, 'a message has another id than its seq')
  const presence = (name: string) =>
    count('presence')
      .map(event => json(event) as { readonly sender_id: string; readonly present: boolean })
      .filter(({ sender_id }) => sender_id === name)
  const cy = await join('Cy')
  await until(scenario, () => presence(cy.name).length >= 1)
  await cy.call('leave')
  await until(scenario, () => presence(cy.name).length >= 2)
  await stream.close()
  const seen = presence(cy.name).map(({ present }) => present)
  same(seen, [true, false], 'a stream does not say who joins and who leaves')
}

/** Every call whose answer brings what is new, with parameters that make it wait for nothing. */
export const newsCalls = (cursor: number): readonly (readonly [method: string, params: object])[] => [
  ['append', { text: 'x' }],
  ['undo', {}],
  ['reset', {}],
  ['preview', {}],
  ['push', { timeout_ms: 0 }],
  ['publish', { content: 'x', base: cursor, key: 'k', timeout_ms: 0 }],
  ['check', { timeout_ms: 0 }],
]

async function namesTheForgotten({ harness, join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const calls = newsCalls(ada.joinResult.cursor)
  const callers = await Promise.all(calls.map(([method]) => join(method)))
  const seqs: number[] = []
  for (const text of ['one', 'two', 'three', 'four']) seqs.push((await ben.sendMessage(text)).seq!)
  await harness.forget!(seqs[2]!)
  const missed = { from: seqs[0], to: seqs[1] }
  for (const [at, [method, params]] of calls.entries()) {
    const caller = callers[at]!
    await caller.notify('append', { text: 'mine' })
    const answer = await caller.call(method, params)
    must(alike(answer.missed, missed), `${method} does not name the messages that retention removed`, answer.missed)
    same(contents(answer.messages), ['three', 'four'], 'messages after those that retention removed did not arrive')
    same((await caller.call('preview')).missed, undefined, 'messages are named as missed twice')
  }
}

async function streamNamesTheForgotten(scenario: ServerScenario): Promise<void> {
  const { harness, join } = scenario
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const seqs: number[] = []
  for (const text of ['one', 'two', 'three', 'four']) seqs.push((await ben.sendMessage(text)).seq!)
  await harness.forget!(seqs[2]!)
  const stream = await harness.stream!({ room: harness.room, token: ada.token! })
  const of = (event: string) => stream.events.filter(one => one.event === event)
  await until(scenario, () => of('message').length >= 2)
  await stream.close()
  const missed = { from: seqs[0], to: seqs[1] }
  must(
    alike(of('missed').map(json), [missed]),
    'a stream does not name the messages that retention removed',
    of('missed'),
  )
}

async function refusesContent({ harness, join }: ServerScenario): Promise<void> {
  const ada = await join('Ada')
  await ada.call('append', { text: harness.refused! })
  const { code, data } = await ada.refusal('push')
  same(code, 40004, 'a text that the content policy refuses was not rejected with 40004')
  must(typeof data.reason === 'string' && data.reason !== '', 'error 40004 has no data.reason', data)
  same((await ada.call('preview')).draft, harness.refused, 'a refused push changed the draft')
}

/** Rules of the value of single members of answers, messages and events. */
export const fieldRules: readonly ServerRule[] = [
  serverRule('D6', [], previewShowsSegments),
  serverRule('P7', [], answersSentOrHeld),
  serverRule('F6', [], floorIsReported),
  serverRule('B1', [], messagesSayAll),
  serverRule('B2', [], metaIsCarried),
  serverRule('L6', [], everyAnswerBringsNews),
  serverRule('L7', ['forget'], namesTheForgotten),
  serverRule('A6', [], sessionsName),
  serverRule('H2', ['annotating'], namesPolicy),
  serverRule('A7', ['history'], givesHistory),
  serverRule('A8', ['observable'], saysObservable),
  serverRule('V1', ['stream'], opensWithWelcome),
  serverRule('V4', ['stream', 'forget'], streamNamesTheForgotten),
  serverRule('Y3', ['refused'], refusesContent),
]
