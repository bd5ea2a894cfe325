import { prop } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decideRoom, nextDeadline, type RoomCommand } from './decide.ts'
import { emptyRoom, evolveRoom } from './evolve.ts'
import type { RoomFact } from './facts.ts'
import { defaultRoomSettings, type RoomSettings } from './settings.ts'

interface Entry {
  readonly by: string
  readonly base: number
  readonly free: boolean
  /** Sent while its author had the floor; `since` is the room's head when that began. */
  readonly since: number | undefined
}

/** A cheap `expect`, since it is called a million times. */
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Not so: ${what}.`)
}

/** A room that records its facts and checks the invariants after every command. */
class CheckedRoom {
  readonly settings: RoomSettings
  readonly facts: RoomFact[] = []
  readonly log: Entry[] = []
  readonly open = new Map<string, { session: string; free: boolean }>()
  readonly #verdict: (session: string, type: 'sent' | 'held' | 'timed-out', head: number) => void
  overflowing: ReadonlySet<string> = new Set()
  room = emptyRoom
  now = 0
  #floorFrom = 0
  #pushes = 0

  constructor(
    changed: Partial<RoomSettings> = {},
    verdict: (session: string, type: 'sent' | 'held' | 'timed-out', head: number) => void = () => {},
  ) {
    this.settings = { ...defaultRoomSettings, ...changed }
    this.#verdict = verdict
  }

  get head(): number {
    return this.room.sequence.head
  }

  publish(session: string, name: string, base: number, timeout_ms?: number, free = false): void {
    const push = `push-${++this.#pushes}`
    this.open.set(push, { session, free })
    this.run({
      type: 'publish',
      push,
      session,
      name,
      base,
      ignoresHolds: free,
      ...(timeout_ms !== undefined && { timeout_ms }),
    })
  }

  run(command: RoomCommand): void {
    const { now, settings } = this
    const facts = decideRoom(this.room, command, { now, settings, overflows: session => this.overflowing.has(session) })
    for (const fact of facts) {
      this.#before(fact)
      this.room = evolveRoom(this.room, fact)
      this.facts.push(fact)
      this.#after(fact)
    }
    this.#always()
  }

  #before(fact: RoomFact): void {
    const { floor, cooldowns, floorQueue } = this.room
    if (fact.type === 'sent') {
      must(fact.seq === this.log.length + 1, 'seqs have no gaps')
      const { free } = this.open.get(fact.push)!
      const since = floor?.session === fact.session ? this.#floorFrom : undefined
      must(free || !floor || since !== undefined, 'a push was sent past a floor')
      this.log.push({ by: fact.session, base: fact.base, free, since })
    }
    if (fact.type === 'floor.granted') {
      must(floor === undefined, 'one floor at a time')
      must((cooldowns.get(fact.name.toLowerCase()) ?? 0) <= this.now, 'who rests earns none')
      must(floorQueue.length === 0 || fact.session === floorQueue[0]!.session, 'floors pass in the order earned')
      this.#floorFrom = this.head
    }
  }

  #after(fact: RoomFact): void {
    if (fact.type === 'left') {
      for (const [push, { session }] of this.open) if (session === fact.session) this.open.delete(push)
    }
    if (fact.type !== 'sent' && fact.type !== 'held' && fact.type !== 'timed-out') return
    must(this.open.delete(fact.push), 'one verdict for each publish')
    this.#verdict(fact.session, fact.type, this.head)
  }

  #always(): void {
    const { floor, waiting, floorQueue } = this.room
    must(waiting.map(({ push }) => push).join() === [...this.open.keys()].join(), 'what has no verdict waits, in order')
    must(
      waiting.every(({ deadline }) => deadline > this.now),
      'nothing waits longer than it would',
    )
    if (!floor) return must(waiting.length + floorQueue.length === 0, 'a push waits without a floor')
    must(floor.until > this.now, 'a floor ends in time')
    must(floor.until - floor.since <= 2 * this.settings.floor_ms, 'a floor starts afresh once at most')
    must(![...waiting, ...floorQueue].some(({ session }) => session === floor.session), 'its holder waits for no floor')
  }
}

const act = fc.record({
  who: fc.nat(5),
  what: fc.constantFrom<'publish' | 'read' | 'free' | 'check' | 'yield' | 'leave' | 'rename' | 'later' | 'moment'>(
    ...([
      'publish',
      'publish',
      'publish',
      'read',
      'read',
      'free',
      'check',
      'yield',
      'leave',
      'rename',
      'later',
      'moment',
    ] as const),
  ),
  /** How far a stale base is below the cursor; how much later, in tenths of a floor. */
  much: fc.oneof(fc.constant(0), fc.nat(12)),
  timeout_ms: fc.constantFrom(undefined, undefined, 0, 1_000, 240_000),
})
type Act = { who: number; what: string; much: number; timeout_ms?: number | undefined }

/** Random actions of random participants. */
class RandomParticipant {
  name: string
  session: string
  cursor = 0
  #sessions = 0

  constructor(name: string) {
    this.name = name
    this.session = `${name}.0`
  }

  act(at: CheckedRoom, { what, much, timeout_ms }: Act): void {
    switch (what) {
      case 'publish':
      case 'free':
        at.publish(this.session, this.name, Math.max(0, this.cursor - much), timeout_ms, what === 'free')
        break
      case 'read':
        this.cursor = at.head
        break
      case 'check':
        this.cursor = at.head
        at.run({ type: 'tell', session: this.session })
        break
      case 'yield':
        at.run({ type: 'yield', session: this.session })
        break
      case 'leave':
      case 'rename':
        at.run({ type: 'leave', session: this.session })
        this.session = `${this.name}.${++this.#sessions}`
        if (what === 'rename') this.name = this.session
        this.cursor = at.head
        break
    }
  }
}

function play(acts: readonly Act[], settings: Partial<RoomSettings>, overflowing: readonly number[] = []): CheckedRoom {
  const at = new CheckedRoom(settings)
  const people = Array.from({ length: 6 }, (_, index) => new RandomParticipant(`P${index}`))
  for (const step of acts) {
    at.overflowing = new Set(overflowing.map(index => people[index]!.session))
    if (step.what === 'later') at.now += (step.much * at.settings.floor_ms) / 10
    else if (step.what === 'moment') at.now = Math.max(at.now, nextDeadline(at.room) ?? at.now)
    if (step.what === 'later' || step.what === 'moment') at.run({ type: 'tick' })
    else people[step.who]!.act(at, step)
  }
  return at
}

const acts = fc.array(act, { maxLength: 120, size: 'max' })
const settings = fc.record({ holds_for_floor: fc.constantFrom(3, 3, 1, 2) })

prop('[H1] under hold no push is sent past a message its author has not seen', [acts, settings], (steps, changed) => {
  const { log } = play(steps, changed)
  for (const [index, { by, base, free, since }] of log.entries()) {
    if (free) continue
    const crossed = log
      .slice(base, index)
      .flatMap((other, at) => (other.by === by ? [] : [{ seq: base + at + 1, ...other }]))
    // Except messages that ignored holds while the author had the floor.
    for (const other of crossed) must(other.free && since !== undefined && other.seq > since, 'nothing is crossed')
  }
})

prop(
  '[F5] each push gets one verdict, at once or while it waits; after enough time no push waits',
  [acts, settings, fc.uniqueArray(fc.nat(5), { maxLength: 2 })],
  (steps, changed, overflowing) => {
    const at = play(steps, changed, overflowing)
    for (let moment = nextDeadline(at.room); moment !== undefined; moment = nextDeadline(at.room)) {
      const before = at.facts.length
      at.now = Math.max(at.now, moment - 1)
      at.run({ type: 'tick' })
      expect(at.facts.length).toBe(before)
      at.now = moment
      at.run({ type: 'tick' })
      expect(at.facts.length).toBeGreaterThan(before)
    }
    expect(at.open.size).toBe(0)
    expect(at.room).toMatchObject({ floor: undefined, floorQueue: [], waiting: [] })
  },
)

prop('[H2] an annotate room sends every push', [acts], steps => {
  const { facts } = play(steps, { policy: 'annotate' })
  expect(facts.every(({ type }) => type === 'sent' || type === 'left')).toBe(true)
})

prop('[E1] a room is the fold of its facts, which survive JSON', [acts, settings], (steps, changed) => {
  const at = play(steps, changed)
  expect((JSON.parse(JSON.stringify(at.facts)) as RoomFact[]).reduce(evolveRoom, emptyRoom)).toEqual(at.room)
})

/** Reads to the end with every answer, and pushes again within the floor's time. */
interface Persistent {
  readonly name: string
  base: number
  /** When its last push was answered; undefined while it waits. */
  answered: number | undefined
  /** Pushes judged since the last was sent, those left out that were judged while its name rested. */
  judged: number
  most: number
}

function insist(steps: readonly Act[], count: number): { at: CheckedRoom; persistent: Persistent[] } {
  const persistent = Array.from({ length: count }, (_, index): Persistent => {
    return { name: `insistent${index}`, base: 0, answered: 0, judged: 0, most: 0 }
  })
  const others = Array.from({ length: 6 - count }, (_, index) => new RandomParticipant(`P${index}`))
  const at = new CheckedRoom({}, (session, type, head) => {
    const who = persistent.find(({ name }) => name === session)
    if (!who) return
    who.answered = at.now
    who.base = head
    if (type !== 'timed-out' && (at.room.cooldowns.get(who.name) ?? 0) <= at.now) who.judged++
    who.most = Math.max(who.most, who.judged)
    if (type === 'sent') who.judged = 0
  })
  const push = (who: Persistent, timeout_ms?: number) => {
    if (who.answered === undefined) return
    who.answered = undefined
    at.publish(who.name, who.name, who.base, timeout_ms)
  }
  const later = (until: number) => {
    while (at.now < until) {
      const due = persistent.map(({ answered }) =>
        answered === undefined ? until : answered + at.settings.floor_ms - 1,
      )
      at.now = Math.max(at.now, Math.min(until, nextDeadline(at.room) ?? until, ...due))
      at.run({ type: 'tick' })
      for (const who of persistent) {
        if (who.answered !== undefined && at.now - who.answered >= at.settings.floor_ms - 1) push(who)
      }
    }
  }
  for (const step of steps) {
    const who = persistent[step.who]
    if (step.what === 'later') later(at.now + (step.much * at.settings.floor_ms) / 10)
    else if (step.what === 'moment') later(nextDeadline(at.room) ?? at.now)
    else if (who && step.what === 'check') {
      // It reads, but the time to push again runs from its push's answer: checks do not make a floor longer.
      if (who.answered === undefined) continue
      who.base = at.head
      at.run({ type: 'tell', session: who.name })
    } else if (who) push(who, step.timeout_ms)
    else others[step.who - count]!.act(at, step)
  }
  return { at, persistent }
}

const many = fc.array(act, { minLength: 40, maxLength: 250, size: 'max' })

prop(
  '[P6] an author that keeps pushing is sent by its 5th judged push, here by its 4th',
  [many, fc.integer({ min: 1, max: 6 })],
  (steps, count) => {
    for (const { most } of insist(steps, count).persistent) must(most <= 4, 'a push was held more than four times')
  },
)

test('[P6] one author against five that ignore holds before each of its pushes is sent at its 4th', () => {
  const publish: Act = { who: 0, what: 'publish', much: 0 }
  const round = [1, 2, 3, 4, 5].map((who): Act => ({ who, what: 'free', much: 0 }))
  const { at, persistent } = insist([...round, publish, ...round, publish, ...round, publish, ...round, publish], 1)
  expect(persistent[0]!.most).toBe(4)
  expect(at.log.at(-1)).toMatchObject({ by: 'insistent0', free: false })
})

test('[P6] six authors that push at once are all sent, repeatedly', () => {
  const everyone = [0, 1, 2, 3, 4, 5].map((who): Act => ({ who, what: 'publish', much: 0 }))
  const wait: Act = { who: 0, what: 'later', much: 1 }
  const { at, persistent } = insist(Array.from({ length: 40 }, () => [...everyone, wait]).flat(), 6)
  for (const { name, most } of persistent) {
    expect(most).toBeLessThanOrEqual(4)
    expect(at.log.filter(({ by }) => by === name).length).toBeGreaterThanOrEqual(8)
  }
})
