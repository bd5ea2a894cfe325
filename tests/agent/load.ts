import { type ConversationResult, type ConverseEvent, converse } from '@midsentence/agent'
import { join, type Message, type Participant, type VirtualClock, virtualClock } from '@midsentence/core'
import { type ScriptedPrompt, scriptedModel, type TestModel, words } from '@midsentence/testing/agent/scripted-model'
import { mockRoom } from '@midsentence/transport-mock'

/** Returns a generator of numbers from 0 to 1 with a fixed seed. */
function randomFrom(seed: number) {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export interface ModelRun {
  readonly name: string
  readonly events: readonly ConverseEvent[]
  readonly scripted: TestModel
  readonly conversation: ConversationResult
}

export interface LoadRun {
  readonly models: readonly ModelRun[]
  /** Messages delivered to each person, in order. */
  readonly people: readonly { readonly name: string; readonly given: readonly Message[]; readonly sent: number }[]
  readonly messages: readonly Message[]
}

const TURNS = 4
const SAYINGS = 4

/** Runs three models and two scripted people in one room at random times. Rejects when the run does not end. */
export async function runLoad(seed: number): Promise<LoadRun> {
  const random = randomFrom(seed)
  const upTo = (n: number) => Math.floor(random() * n)
  const one = <A>(of: readonly A[]): A => of[upTo(of.length)]!
  const clock = virtualClock()
  const room = mockRoom({ clock, latency: 1 + upTo(20) })
  const stopping = new AbortController()
  let sentences = 0
  const text = (name: string, most: number) =>
    Array.from(
      { length: 1 + upTo(most) },
      () => `This is sentence ${++sentences} of ${name}${one(['.', '!', '?'])}`,
    ).join(' ')

  /** Writes random sentences, and keeps a random part of the draft in a review. */
  const say =
    (name: string) =>
    ({ last }: ScriptedPrompt) => {
      const most = /a number from 0 to (\d+)/.exec(last)?.[1]
      if (random() < 0.1) return ['-']
      if (most === undefined) return words(text(name, 4))
      const keep = upTo(Number(most) + 1)
      return [String(keep), ...(keep > 0 && random() < 0.3 ? [] : ['\n', ...words(text(name, 2))])]
    }

  const joined = (name: string) => join({ transport: room.peer(), username: name, clock })
  const names = ['Claude', 'GPT', 'Gemini']
  const speaking = await soon(clock, Promise.all(names.map(name => joined(name))))
  const persons = await soon(clock, Promise.all(['Ada', 'Ben'].map(name => joined(name))))
  const models = speaking.map(async (participant, n): Promise<ModelRun> => {
    const name = names[n]!
    const slow = 2 + upTo(40)
    const scripted = scriptedModel({
      modelId: name,
      clock,
      say: say(name),
      pause: () => upTo(slow),
      stopsOnAbort: random() < 0.8,
    })
    const events: ConverseEvent[] = []
    const conversation = await converse({
      model: scripted.model,
      room: participant,
      clock,
      signal: stopping.signal,
      begins: n === 0,
      attention: one(['everybody', 'people', 'questions', 'mentions', 'nobody', 'everything']),
      budget: { turns: TURNS },
      onEvent: event => events.push(event),
    })
    return { name, events, scripted, conversation }
  })
  const people = persons.map(person => talk(person, clock, random, text))
  const talked = Promise.all(people).then(async told => {
    // The models continue among themselves until their turns are used up.
    for (let quiet = 0, before = -1; quiet < 3; quiet++) {
      await pause(clock, 3000)
      if (room.messages.length !== before) quiet = 0
      before = room.messages.length
    }
    stopping.abort()
    return told
  })
  const all = Promise.all([talked, Promise.all(models)])
  const [told, spoken] = await within(clock, all, 900_000, () => `seed ${seed}`)
  for (const person of persons) await soon(clock, person.close())
  return { models: spoken, people: told, messages: room.messages }
}

/** Plays a person: writes, undoes, sends an "ok", and pushes until each message is sent. */
async function talk(
  person: Participant,
  clock: VirtualClock,
  random: () => number,
  text: (name: string, most: number) => string,
) {
  const given: Message[] = []
  const take = <A extends { readonly messages: readonly Message[] }>(answer: A): A => {
    given.push(...answer.messages)
    return answer
  }
  let sent = 0
  for (let n = 0; n < SAYINGS; n++) {
    await pause(clock, random() * 1500)
    if (random() < 0.3) take(await person.append(random() < 0.5 ? 'ok' : 'mhm'))
    else
      for (let m = random() * 3; m >= 0; m--) {
        take(await person.append(`${text(person.name, 1)} `))
        await pause(clock, random() * 300)
        if (random() < 0.2) take(await person.undo())
      }
    if (person.view.draft.segments === 0) take(await person.append(text(person.name, 1)))
    for (let held = true; held; ) {
      held = take(await person.push()).held === true
      await pause(clock, random() * 100)
    }
    sent++
    if (random() < 0.5) take(await person.check({ timeout_ms: random() * 1000 }))
  }
  // Reads the rest, until 8 s pass without a message.
  for (let heard = true; heard; ) heard = take(await person.check({ timeout_ms: 8000 })).status === 1
  return { name: person.name, given, sent }
}

const pause = (clock: VirtualClock, ms: number) => new Promise<void>(resolve => void clock.after(ms, resolve))

async function soon<A>(clock: VirtualClock, promise: Promise<A>): Promise<A> {
  return within(clock, promise, 10_000, () => 'joining or leaving')
}

/** Advances the clock until `promise` settles, with a macrotask after each step. */
async function within<A>(clock: VirtualClock, promise: Promise<A>, ms: number, what: () => string): Promise<A> {
  let ended = false
  const done = () => {
    ended = true
  }
  promise.then(done, done)
  const end = clock.monotonic() + ms
  while (!ended) {
    if (clock.monotonic() > end) throw new Error(`Timed out: ${what()}.`)
    await clock.advance(20)
    await new Promise(resolve => setImmediate(resolve))
  }
  return promise
}

/** Returns the violations of a run: lost, repeated or crossed messages, and wrong budgets. */
export function faultsOf({ models, people, messages }: LoadRun): string[] {
  const faults: string[] = []
  const fault = (what: string) => faults.push(what)
  for (const { seq, crossed, sender_id } of messages)
    if (crossed) fault(`${sender_id}'s message ${seq} crossed ${crossed}`)
  const numbers = messages.flatMap(({ content }) => [...content.matchAll(/sentence (\d+) of/g)].map(found => found[1]!))
  if (new Set(numbers).size !== numbers.length) fault('something was said twice')

  const heardBy = (name: string, given: readonly Message[]) => {
    const seqs = given.map(({ seq }) => seq)
    const expected = messages
      .filter(({ sender_id, seq }) => sender_id !== name && seq <= (seqs.at(-1) ?? 0))
      .map(({ seq }) => seq)
    if (JSON.stringify(seqs) !== JSON.stringify(expected)) fault(`${name} was given ${seqs}, not ${expected}`)
  }
  for (const { name, given, sent } of people) {
    heardBy(name, given)
    const last = messages.findLast(({ sender_id }) => sender_id !== name)
    if (last && given.at(-1)?.seq !== last.seq) fault(`${name} did not hear the last message`)
    if (sent !== SAYINGS) fault(`${name} was sent ${sent} times`)
  }
  for (const { name, events, scripted, conversation } of models) {
    heardBy(
      name,
      events.flatMap(event => (event.type === 'heard' ? event.messages : [])),
    )
    const { turns, unsent, reason } = conversation
    if (turns > TURNS) fault(`${name} took ${turns} turns`)
    if (unsent !== '') fault(`${name} left with ${JSON.stringify(unsent)} unsent`)
    if (reason !== 'stopped' && reason !== 'budget') fault(`${name} ended: ${reason}`)
    const interruptions = events.filter(event => event.type === 'interrupted').length
    if (scripted.aborted.length < interruptions)
      fault(`${name} was interrupted ${interruptions} times, its model stopped ${scripted.aborted.length} times`)
    faults.push(...foldFaults(name, events, messages))
  }
  return faults
}

/** Checks that each sent message equals the segments in the events. */
function foldFaults(name: string, events: readonly ConverseEvent[], messages: readonly Message[]): string[] {
  const faults: string[] = []
  let draft: string[] = []
  let unread: readonly Message[] = []
  for (const event of events) {
    if (event.type === 'heard') unread = [...unread, ...event.messages]
    if (event.type === 'asked') unread = []
    if (event.type === 'wrote') draft.push(event.text)
    if (event.type === 'wrote' && draft.length !== event.segment)
      faults.push(`${name} has ${event.segment} segments, not ${draft.length}`)
    if (event.type === 'kept') draft = draft.slice(0, event.segments)
    if (event.type === 'silent') draft = []
    if (event.type !== 'sent') continue
    const message = messages.find(({ seq }) => seq === event.seq)
    if (message?.content !== draft.join(''))
      faults.push(`${name} sent ${JSON.stringify(message?.content)}, not ${JSON.stringify(draft)}`)
    draft = []
    const over = unread.filter(({ content, seq }) => seq < event.seq && !/^(ok|mhm)$/.test(content))
    if (over.length > 0) faults.push(`${name} sent over ${over.length} messages that its model had not read`)
  }
  return faults
}
