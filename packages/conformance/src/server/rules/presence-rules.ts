import { must, same } from '../../kit/assertions.ts'
import { type Caller, isRefusal, within } from '../caller.ts'
import type { OpenEventStream, ServerHarness } from '../server-harness.ts'
import { type ServerRule, type ServerScenario, serverRule } from '../server-rule.ts'

interface Present {
  readonly sender_id: string
  readonly writing?: unknown
}

const participantsOf = async (caller: Caller) => (await caller.call('who')).participants as readonly Present[]

/** The names that `who` marks as writing. Checks that the mark is one bit. */
async function writersIn(caller: Caller): Promise<string[]> {
  const marked = (await participantsOf(caller)).filter(each => 'writing' in each)
  for (const each of marked) same(each, { sender_id: each.sender_id, writing: true }, 'a mark is more than one bit')
  return marked.map(({ sender_id }) => sender_id)
}

async function marksWriters({ join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const expectWriting = async (names: readonly string[], what: string) => same(await writersIn(ben), names, what)
  await expectWriting([], 'a participant with an empty draft is marked as writing')
  await ada.call('append', { text: 'Hel' })
  await expectWriting([ada.name], 'a participant with a draft is not marked as writing')
  await ada.call('undo')
  await expectWriting([], 'the mark did not end with the undo of the only segment')
  await ada.call('append', { text: 'Hel' })
  await ada.call('reset')
  await expectWriting([], 'the mark did not end with a reset')
  await ada.call('append', { text: 'Hello' })
  const pushed = await ada.call('push')
  same(pushed.status, 1, 'a first push was not sent')
  await expectWriting([], 'the mark did not end with the push')
  await ada.call('append', { text: 'x' })
  await ada.call('leave')
  await expectWriting([], 'a participant that left is marked as writing')
}

async function marksLocalWriters({ join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const expectWriting = async (names: readonly string[], what: string) => same(await writersIn(ben), names, what)
  same((await ada.call('writing', { writing: true })).status, 1, 'the answer to writing has no status 1')
  await expectWriting([ada.name], 'a participant that said so is not marked as writing')
  await ada.call('writing', { writing: false })
  await expectWriting([], 'the mark did not end although its author said so')
  await ada.notify('writing', { writing: true })
  await expectWriting([ada.name], 'a notification did not mark its author as writing')
  const { cursor } = ben.joinResult
  const sent = await ada.call('publish', { content: 'Hello', base: cursor, key: 'hello' })
  same(sent.status, 1, 'a first publish was not sent')
  await expectWriting([], 'the mark did not end with the message')
  const refusal = await ada.call('writing', { writing: 'Hel' }).catch(error => error)
  must(isRefusal(refusal) && refusal.code === -32602, 'a text instead of the bit was not refused with -32602', refusal)
}

async function mayBeTurnedOff({ join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada', { typing_indicator: false }), await join('Ben')]
  await ada.call('append', { text: 'Hel' })
  await ada.call('writing', { writing: true })
  same(await writersIn(ben), [], 'a participant that turned it off is marked as writing')
}

async function isPresence({ join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  await ben.call('append', { text: 'one' })
  await ada.call('append', { text: 'Hel' })
  await ada.call('writing', { writing: true })
  const pushed = await ben.call('push')
  same([pushed.status, pushed.messages], [1, []], 'a participant that writes held the push of another')
  same(pushed.seq, ben.joinResult.cursor + 1, 'a participant that writes took a seq')
}

/** Longest wait for an event, in milliseconds. */
const EVENT_MS = 10_000

/** Lets time pass until the last presence event of `name` says so, and returns that event's data. */
async function awaitWriting(
  harness: ServerHarness,
  stream: OpenEventStream,
  name: string,
  writing: boolean,
  what: string,
): Promise<Present> {
  // Events of other participants, such as their joins, may come in between.
  const found = () => {
    const presence = stream.events
      .filter(({ event }) => event === 'presence')
      .map(({ data }) => JSON.parse(data) as Present)
    const last = presence.findLast(({ sender_id }) => sender_id === name)
    return last !== undefined && (last.writing === true) === writing ? last : undefined
  }
  await awaitEvent(harness, () => found() !== undefined)
  const event = found()
  must(event !== undefined, what, stream.events)
  return event
}

async function streamsWriters({ harness, join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const stream = await harness.stream!({ room: harness.room, token: ben.token! })
  await ada.call('append', { text: 'Hel' })
  const mark = await awaitWriting(harness, stream, ada.name, true, 'no event says that a participant writes')
  same(mark, { sender_id: ada.name, present: true, writing: true }, 'the event is more than presence and one bit')
  const late = await harness.stream!({ room: harness.room, token: ben.token! })
  await awaitWriting(harness, late, ada.name, true, 'a stream does not begin with who writes')
  await ada.call('push')
  for (const each of [stream, late]) {
    await awaitWriting(harness, each, ada.name, false, 'no event says that a participant stopped writing')
    await each.close()
  }
}

async function endsInTime({ harness, join }: ServerScenario): Promise<void> {
  // One entry for each rule: a server whose clock cannot be advanced is tried without this part.
  if (!harness.pass) return
  const [ada, cleo, ben] = [await join('Ada'), await join('Cleo'), await join('Ben')]
  await ada.call('append', { text: 'Hel' })
  await cleo.call('writing', { writing: true })
  const keepHere = async (ms: number) => {
    for (let left = ms; left > 0; left -= 10_000) {
      for (const caller of [ada, cleo, ben]) await caller.call('who')
      await harness.pass!(Math.min(left, 10_000))
    }
  }
  await keepHere(50_000)
  same((await writersIn(ben)).length, 2, 'the mark ended before a minute')
  await ada.call('append', { text: 'lo' })
  await keepHere(15_000)
  same(await writersIn(ben), [ada.name], 'the mark did not end a minute after the last change')
  // It is away after half a minute without a call.
  for (let passed = 0; passed < 40_000; passed += 10_000) {
    await ben.call('who')
    await harness.pass!(10_000)
  }
  same(await writersIn(ben), [], 'a participant that is away is marked as writing')
}

/** Lets time pass until `found` returns true. */
async function awaitEvent(harness: ServerHarness, found: () => boolean): Promise<void> {
  const began = performance.now()
  for (
    let passed = 0;
    !found() && passed < EVENT_MS;
    passed = harness.pass ? passed + 100 : performance.now() - began
  ) {
    await harness.settle()
    await harness.pass?.(100)
  }
}

async function hushes({ join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada', { person: true }), await join('Ben')]
  same((await ben.refusal('hush', { on: true })).code, 40004, 'a participant that is no person silenced the others')
  same((await ada.refusal('hush', {})).code, -32602, 'hush without `on` was accepted')
  await ben.sendMessage('before')
  same((await ada.call('hush', { on: true })).status, 1, 'a person could not silence the models')
  same((await ben.call('who')).hushed, true, 'who does not tell a model that it is silenced')
  same((await ada.call('hush', { on: true })).status, 0, 'a hush that changed nothing did not say so')
  await ben.call('append', { text: 'later' })
  const publish = { content: 'another way', base: ben.joinResult.cursor, key: 'hushed' }
  for (const refusal of [await ben.refusal('push', { key: 'k' }), await ben.refusal('publish', publish)]) {
    const { code, data } = refusal as { code: number; data?: { reason?: unknown; retry_after_ms?: unknown } }
    same([code, data?.reason], [40003, 'hushed'], 'a model spoke in a room that was hushed')
    must(Number(data?.retry_after_ms) > 0, 'a hushed push was not told when to try again', data)
  }
  same((await ben.call('preview')).draft, 'later', 'a hushed push changed the draft')
  const [before] = (await ada.call('check', { timeout_ms: 0 })).messages
  same(before?.content, 'before', 'a message from before the hush is missing')
  await ada.sendMessage('Now you')
  await ben.call('check', { timeout_ms: 0 })
  same((await ben.call('push', { key: 'k' })).status, 1, 'the message of a person did not end the hush')
  same((await ben.call('who')).hushed, undefined, 'who tells of a hush that has ended')
  await ada.call('hush', { on: true })
  same((await ada.call('hush', { on: false })).status, 1, 'a person could not lift the hush')
  await ben.sendMessage('after')
}

async function hushEndsChecks({ harness, join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada', { person: true }), await join('Ben')]
  for (const on of [true, false]) {
    const checking = ben.call('check', { timeout_ms: 240_000 })
    for (let tried = 0; tried < 20; tried++) await harness.settle()
    same((await ada.call('hush', { on })).status, 1, 'a person could not change a hush while a model checks')
    const what = `a check that waits when a hush ${on ? 'begins' : 'is lifted'}`
    const { status, messages } = await within(harness, checking, what)
    same([status, messages], [0, []], `${what} brought something`)
  }
}

async function pausesModels({ join }: ServerScenario): Promise<void> {
  const [ada, program] = [await join('Ada'), await join('Program')]
  let calls = 0
  const request = (by: string, base: number) => ({ content: 'x', base, key: `${calls++}`, meta: { by } })
  const send = async (from: Caller, by: string, what: string) => {
    const { cursor } = await from.call('check', { timeout_ms: 0 })
    same((await from.call('publish', request(by, cursor))).status, 1, what)
  }
  // A model alone makes laps too.
  for (let lap = 0; lap < 50; lap++) await send(ada, 'model', 'a lap was not sent')
  const { code, data } = await ada.refusal('publish', request('model', ada.joinResult.cursor))
  same(code, 40003, 'a model that spoke for 50 laps does not pause')
  const ms = Number(data.retry_after_ms)
  must(ms > 0 && ms <= 60_000, 'a model that pauses is not told for how long', data)
  await send(program, 'program', 'the loop guard stopped a program that does not say that it is a model')
  // A program that counted as a model would leave it one lap less.
  for (let lap = 0; lap < 50; lap++) await send(ada, 'model', 'another message ended no pause')
}

async function streamsHush({ harness, join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada', { person: true }), await join('Ben')]
  const streamed: OpenEventStream[] = []
  const open = async () => {
    const stream = await harness.stream!({ room: harness.room, token: ben.token! })
    streamed.push(stream)
    return () =>
      stream.events.flatMap(({ event, data }) => (event === 'hush' ? [(JSON.parse(data) as { on?: unknown }).on] : []))
  }
  const told = await open()
  await harness.settle()
  same(told(), [], 'a stream tells of a hush before there is one')
  await ada.call('hush', { on: true })
  await awaitEvent(harness, () => told().length > 0)
  same(told(), [true], 'no event says that the models are silenced')
  const late = await open()
  await awaitEvent(harness, () => late().length > 0)
  same(late(), [true], 'a stream does not begin with a hush that lasts')
  await ada.call('hush', { on: false })
  for (const each of [told, late]) {
    await awaitEvent(harness, () => each().length > 1)
    same(each(), [true, false], 'no event says that a hush was lifted')
  }
  await ada.call('hush', { on: true })
  await awaitEvent(harness, () => told().length > 2)
  await ada.sendMessage('Now you')
  await awaitEvent(harness, () => told().length > 3)
  same(told(), [true, false, true, false], 'no event says that the message of a person ended a hush')
  for (const stream of streamed) await stream.close()
}

/** Rules of who is writing, as streams tell it, and of models that pause or are silenced. */
export const presenceRules: readonly ServerRule[] = [
  serverRule('L10', ['stream'], marksWriters),
  serverRule('L10', ['stream'], marksLocalWriters),
  serverRule('L10', ['stream'], mayBeTurnedOff),
  serverRule('L10', ['stream'], isPresence),
  serverRule('L10', ['stream'], streamsWriters),
  serverRule('L10', ['stream'], endsInTime),
  serverRule('Y4', [], pausesModels),
  serverRule('Y5', ['stream'], hushes),
  serverRule('Y5', ['stream'], hushEndsChecks),
  serverRule('Y5', ['stream'], streamsHush),
]
