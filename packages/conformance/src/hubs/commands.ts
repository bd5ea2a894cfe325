import fc from 'fast-check'
import type { Rehearsal } from './model-run.ts'
import { shortly } from './outcome-difference.ts'
import type { Asked, Called, Member, ReferenceRoom } from './reference/reference-room.ts'

type Action = Asked['action']

/** What one command is made of: plain numbers, so that it means something in whatever state it meets. */
interface Making {
  readonly who: number
  readonly n: number
  readonly keyed: boolean
  readonly silent: boolean
  /** Which cursor the caller says it has. */
  readonly after: 'none' | 'below' | 'shown' | 'beyond'
  readonly timeout_ms: number | undefined
  readonly much: number
}

type Command = fc.AsyncCommand<ReferenceRoom, Rehearsal>

const names = ['Ada', 'Ben', 'Cy', 'Di']
const listens = (name: string): boolean => name === 'Ben' || name === 'Di'

abstract class Doing implements Command {
  readonly making: Making
  #told = ''

  constructor(making: Making) {
    this.making = making
  }

  get name(): string {
    return names[this.making.who]!
  }

  check(room: Readonly<ReferenceRoom>): boolean {
    const who = room.member(this.name)
    return who !== undefined && this.applies(who, room)
  }

  async run(room: ReferenceRoom, rehearsal: Rehearsal): Promise<void> {
    const who = room.member(this.name)!
    this.#told = this.tell(who, room)
    rehearsal.story.push(this.#told)
    await this.act(who, room, rehearsal)
    await rehearsal.compare()
  }

  toString(): string {
    return this.#told
  }

  protected applies(_who: Member, _room: Readonly<ReferenceRoom>): boolean {
    return true
  }

  protected abstract tell(who: Member, room: ReferenceRoom): string
  protected abstract act(who: Member, room: ReferenceRoom, rehearsal: Rehearsal): Promise<void> | void
}

/** Which of two who wait is told first, and may then go on first, is nobody's business: no script may depend on it. */
function maySpeak(who: Member, room: Readonly<ReferenceRoom>): boolean {
  const { floor } = room.judge
  if (room.pushesBehind || (who.pushing && room.members.some(other => other !== who && other.pushing))) return false
  return !(who.check && floor && floor.who !== who)
}

class Acting extends Doing {
  readonly action: Action

  constructor(action: Action, making: Making) {
    super(making)
    this.action = action
  }

  protected override applies(who: Member, room: Readonly<ReferenceRoom>): boolean {
    if (this.action === 'push' || this.action === 'publish') return maySpeak(who, room)
    return !(who.pushing && room.pushesBehind)
  }

  protected tell(who: Member, room: ReferenceRoom): string {
    return told(who, this.#asked(who, room))
  }

  protected act(who: Member, room: ReferenceRoom, rehearsal: Rehearsal): void {
    rehearsal.call(room.call(who, this.#asked(who, room)))
  }

  #asked(who: Member, room: ReferenceRoom): Asked {
    const { action, making } = this
    const { keyed, silent, n, much, timeout_ms } = making
    // Whether one's own check, which gives the floor up, shows at once what that lets through is nobody's business.
    const givesUp = action === 'check' && room.judge.floor?.who === who
    const cursor = givesUp ? undefined : this.#cursor(who, room)
    const beyond = (cursor ?? 0) > room.head || (cursor ?? 0) > who.shown
    const waits = action === 'push' || action === 'publish' || action === 'check'
    const key = (keyed || action === 'publish') && action !== 'preview' && action !== 'check'
    const hurried = timeout_ms === 0 && !givesUp
    const text = much % 11 === 0 ? `${n} long ${'.'.repeat(much % 22 === 0 ? 700 : 1200)}` : `${n};`
    return {
      action,
      ...(action === 'append' && { text }),
      ...(action === 'publish' && {
        content: much % 13 === 0 ? `${n}${'-'.repeat(9000)}` : text,
        base: cursor ?? who.shown,
      }),
      ...(action !== 'publish' && cursor !== undefined && { after: cursor }),
      // Whether a cursor is refused for ever under its key is nobody's business.
      ...(key && (action === 'publish' || !beyond) && { key: `key ${n}${beyond ? ' beyond' : ''}` }),
      // Nobody else's time is up at the same moment.
      ...(waits &&
        (timeout_ms !== undefined || action === 'check') && { timeout_ms: hurried ? 0 : (timeout_ms || 25_000) + n }),
      ...(silent && { silent }),
    }
  }

  #cursor(who: Member, room: ReferenceRoom) {
    const { after, much } = this.making
    if (after === 'none') return undefined
    if (after === 'below') return Math.max(0, who.cursor - (much % 5))
    // What a stream has shown, and the reference does not know of, may be claimed.
    return after === 'shown' ? who.shown : (listens(who.name) ? room.head : who.shown) + 1 + (much % 3)
  }
}

/** Some calls in one go. */
class Batch extends Doing {
  protected override applies(who: Member, room: Readonly<ReferenceRoom>): boolean {
    return maySpeak(who, room) && !(who.pushing && room.pushesBehind) && room.judge.floor?.who !== who
  }

  protected tell(who: Member): string {
    return `${who.name} in one batch:`
  }

  protected act(who: Member, room: ReferenceRoom, rehearsal: Rehearsal): void {
    const { cursor, shown } = who
    const { n, much, keyed } = this.making
    rehearsal.batch(who)
    for (const [at, action] of (['append', 'check', 'push', 'append', 'push', 'preview'] as const).entries()) {
      if ((much + at) % 3 === 0) continue
      const asked: Asked = {
        action,
        batch: { cursor, shown },
        ...(action === 'append' && { text: `${n}.${at};` }),
        ...(keyed && (action === 'append' || action === 'push') && { key: `key ${n}.${at}` }),
      }
      rehearsal.story.push(`  ${told(who, asked)}`)
      rehearsal.call(room.call(who, asked))
    }
  }
}

/** Three times somebody else is faster: mostly that earns the floor. */
class Earning extends Doing {
  protected override applies(who: Member, room: Readonly<ReferenceRoom>): boolean {
    const other = this.#other(who, room)
    return other !== undefined && [who, other].every(one => !one.pushing && !one.check)
  }

  protected tell(who: Member, room: ReferenceRoom): string {
    return `${who.name} is slower than ${this.#other(who, room)!.name} three times:`
  }

  protected async act(who: Member, room: ReferenceRoom, rehearsal: Rehearsal): Promise<void> {
    const other = this.#other(who, room)!
    for (let round = 0; round < 3; round++) {
      const base = who.cursor
      const publish = (by: Member, from: number): Asked => {
        const text = `${this.making.n}.${round} by ${by.name};`
        return { action: 'publish', content: text, base: from, key: text, timeout_ms: 0 }
      }
      for (const [by, asked] of [
        [other, { action: 'preview' }],
        [other, undefined],
        [who, publish(who, base)],
      ] as const) {
        const made = asked ?? publish(other, other.cursor)
        rehearsal.story.push(`  ${told(by, made)}`)
        rehearsal.call(room.call(by, made))
        await rehearsal.compare()
      }
    }
  }

  #other(who: Member, room: Readonly<ReferenceRoom>): Member | undefined {
    const others = room.members.filter(({ here, name }) => here && name !== who.name)
    return others[this.making.much % (others.length || 1)]
  }
}

/** A call again under its key; or another call under that key. */
class Again extends Doing {
  readonly misused: boolean

  constructor(misused: boolean, making: Making) {
    super(making)
    this.misused = misused
  }

  protected override applies(who: Member): boolean {
    return this.#former(who) !== undefined
  }

  protected tell(who: Member): string {
    return told(who, this.#asked(who))
  }

  protected act(who: Member, room: ReferenceRoom, rehearsal: Rehearsal): void {
    rehearsal.call(room.call(who, this.#asked(who)))
  }

  #asked(who: Member): Asked {
    const { silent: _, batch: __, ...asked } = this.#former(who)!.asked
    return this.misused ? { action: 'append', text: `${this.making.n} other`, key: asked.key! } : asked
  }

  #former(who: Member): Called | undefined {
    const former = [...who.keys.values()].filter(({ asked }) => !asked.key!.endsWith('beyond'))
    return former[this.making.much % (former.length || 1)]
  }
}

class Other extends Doing {
  readonly does: 'yield' | 'leave' | 'who' | 'read'

  constructor(does: Other['does'], making: Making) {
    super(making)
    this.does = does
  }

  protected tell(who: Member): string {
    return `${who.name} ${this.does}`
  }

  protected act(who: Member, room: ReferenceRoom, rehearsal: Rehearsal): Promise<void> | void {
    if (this.does === 'read') return rehearsal.read(who)
    if (this.does === 'who') return rehearsal.who(who)
    if (this.does === 'yield') rehearsal.yield(who)
    const leaving = this.does === 'leave' ? rehearsal.leave(who) : undefined
    room[this.does](who)
    return leaving
  }
}

class Joining extends Doing {
  override check(): boolean {
    return true
  }

  protected tell(): string {
    return `${this.name} join`
  }

  protected async act(who: Member | undefined, room: ReferenceRoom, rehearsal: Rehearsal): Promise<void> {
    if (who) return rehearsal.refuses(this.name)
    await rehearsal.join(room.join(this.name), listens(this.name))
  }
}

class Passing extends Doing {
  override check(): boolean {
    return true
  }

  protected tell(): string {
    return `${this.#ms} ms pass`
  }

  protected async act(_: unknown, room: ReferenceRoom, rehearsal: Rehearsal): Promise<void> {
    room.pass(this.#ms)
    await rehearsal.clock.advance(this.#ms)
  }

  get #ms(): number {
    return this.making.much * 2000
  }
}

class Restarting extends Doing {
  /** What is called behind a push that waits may have its effect or not. */
  override check(room: Readonly<ReferenceRoom>): boolean {
    return room.members.every(({ line }) => line.length === 0)
  }

  protected tell(): string {
    return `the hub ${this.#how === 'crash' ? 'dies' : 'is closed'}, and another goes on`
  }

  protected async act(_: unknown, room: ReferenceRoom, rehearsal: Rehearsal): Promise<void> {
    await rehearsal.restart(this.#how)
    room.restart()
  }

  get #how(): 'close' | 'crash' {
    return this.making.keyed ? 'close' : 'crash'
  }
}

function told(who: Member, { action, text, content, silent, batch: _, ...rest }: Asked): string {
  const said = text ?? content
  const parts = [
    ...(said === undefined ? [] : [shortly(said)]),
    ...Object.entries(rest).map(([name, value]) => `${name} ${value}`),
  ]
  return `${who.name} ${action}${silent ? ' (a notification)' : ''} ${parts.join(', ')}`
}

const makings: fc.Arbitrary<Making> = fc.record({
  who: fc.nat(names.length - 1),
  n: fc.integer({ min: 1, max: 999 }),
  keyed: fc.boolean(),
  silent: fc.nat(11).map(n => n === 0),
  after: fc.constantFrom('none', 'none', 'none', 'none', 'below', 'shown', 'beyond'),
  timeout_ms: fc.constantFrom(undefined, undefined, 0, 1000, 70_000),
  much: fc.nat(30),
})

const often = (weight: number, make: (making: Making) => Command) =>
  Array.from({ length: weight }, () => makings.map(make))

/** What people do in one room, one thing after another; `restarts` where the hub may end and go on. */
export function commands(restarts: boolean): fc.Arbitrary<Iterable<Command>> {
  const act = (action: Action) => (making: Making) => new Acting(action, making)
  return fc.commands(
    [
      ...often(6, act('append')),
      ...often(7, act('push')),
      ...often(4, act('publish')),
      ...often(3, act('check')),
      ...often(2, act('undo')),
      ...often(1, act('reset')),
      ...often(2, act('preview')),
      ...often(3, making => new Again(false, making)),
      ...often(1, making => new Again(true, making)),
      ...often(2, making => new Batch(making)),
      ...often(2, making => new Earning(making)),
      ...often(1, making => new Other('yield', making)),
      ...often(1, making => new Other('who', making)),
      ...often(1, making => new Other('leave', making)),
      ...often(1, making => new Other('read', making)),
      ...often(2, making => new Joining(making)),
      ...often(2, making => new Passing(making)),
      ...often(restarts ? 2 : 0, making => new Restarting(making)),
    ],
    { maxCommands: 60, size: 'max', disableReplayLog: true },
  )
}
