import fc from 'fast-check'
import { type ActionName, actionWeights } from '../kit/actions.ts'
import type { ModelRun } from './model-run.ts'
import { abbreviated } from './outcome-difference.ts'
import type { Member, ModelCall, ModelRequest, ReferenceRoom } from './reference/reference-room.ts'

/** The random values of one command. They are plain numbers, so that a command applies in any state of the room. */
interface CommandParams {
  readonly who: number
  readonly n: number
  readonly withKey: boolean
  readonly notification: boolean
  /** Which cursor the caller names. */
  readonly after: 'none' | 'below' | 'shown' | 'beyond'
  readonly timeout_ms: number | undefined
  readonly amount: number
}

export type ModelCommand = fc.AsyncCommand<ReferenceRoom, ModelRun>

const names = ['Ada', 'Ben', 'Cy', 'Di']
const hasStream = (name: string): boolean => name === 'Ben' || name === 'Di'

abstract class SessionCommand implements ModelCommand {
  readonly params: CommandParams
  #described = ''

  constructor(params: CommandParams) {
    this.params = params
  }

  get name(): string {
    return names[this.params.who]!
  }

  check(room: Readonly<ReferenceRoom>): boolean {
    const who = room.member(this.name)
    return who !== undefined && this.applies(who, room)
  }

  async run(room: ReferenceRoom, run: ModelRun): Promise<void> {
    const who = room.member(this.name)!
    this.#described = this.describe(who, room)
    run.steps.push(this.#described)
    await this.act(who, room, run)
    await run.compare()
  }

  toString(): string {
    return this.#described
  }

  protected applies(_who: Member, _room: Readonly<ReferenceRoom>): boolean {
    return true
  }

  protected abstract describe(who: Member, room: ReferenceRoom): string
  protected abstract act(who: Member, room: ReferenceRoom, run: ModelRun): Promise<void> | void
}

/** Excludes pushes whose outcome depends on which of two waiting calls is answered first: no rule says which. */
function maySpeak(who: Member, room: Readonly<ReferenceRoom>): boolean {
  const { floor } = room.floors
  if (room.pushesQueued || (who.pushing && room.members.some(other => other !== who && other.pushing))) return false
  return !(who.check && floor && floor.who !== who)
}

class CallCommand extends SessionCommand {
  readonly action: ActionName

  constructor(action: ActionName, params: CommandParams) {
    super(params)
    this.action = action
  }

  protected override applies(who: Member, room: Readonly<ReferenceRoom>): boolean {
    if (this.action === 'push' || this.action === 'publish') return maySpeak(who, room)
    return !(who.pushing && room.pushesQueued)
  }

  protected describe(who: Member, room: ReferenceRoom): string {
    return described(who, this.#request(who, room))
  }

  protected act(who: Member, room: ReferenceRoom, run: ModelRun): void {
    run.call(room.call(who, this.#request(who, room)))
  }

  #request(who: Member, room: ReferenceRoom): ModelRequest {
    const { action, params } = this
    const { withKey, notification, n, amount, timeout_ms } = params
    // No rule says whether a check that gives up the floor already contains the messages that it lets through.
    const givesUp = action === 'check' && room.floors.floor?.who === who
    const cursor = givesUp ? undefined : this.#cursor(who, room)
    const beyond = (cursor ?? 0) > room.head || (cursor ?? 0) > who.shown
    const waits = action === 'push' || action === 'publish' || action === 'check'
    const key = (withKey || action === 'publish') && action !== 'preview' && action !== 'check'
    const hurried = timeout_ms === 0 && !givesUp
    const text = amount % 11 === 0 ? `${n} long ${'.'.repeat(amount % 22 === 0 ? 700 : 1200)}` : `${n};`
    return {
      action,
      ...(action === 'append' && { text }),
      ...(action === 'publish' && {
        content: amount % 13 === 0 ? `${n}${'-'.repeat(9000)}` : text,
        base: cursor ?? who.shown,
      }),
      ...(action !== 'publish' && cursor !== undefined && { after: cursor }),
      // No rule says whether the rejection of a cursor is remembered under its key.
      ...(key && (action === 'publish' || !beyond) && { key: `key ${n}${beyond ? ' beyond' : ''}` }),
      // Every call has another timeout, so that no two end at the same moment.
      ...(waits &&
        (timeout_ms !== undefined || action === 'check') && { timeout_ms: hurried ? 0 : (timeout_ms || 25_000) + n }),
      ...(notification && { notification }),
    }
  }

  #cursor(who: Member, room: ReferenceRoom) {
    const { after, amount } = this.params
    if (after === 'none') return undefined
    if (after === 'below') return Math.max(0, who.cursor - (amount % 5))
    // A caller may name what its stream has shown, which the reference does not track.
    return after === 'shown' ? who.shown : (hasStream(who.name) ? room.head : who.shown) + 1 + (amount % 3)
  }
}

/** Several calls in one batch. */
class BatchCommand extends SessionCommand {
  protected override applies(who: Member, room: Readonly<ReferenceRoom>): boolean {
    return maySpeak(who, room) && !(who.pushing && room.pushesQueued) && room.floors.floor?.who !== who
  }

  protected describe(who: Member): string {
    return `${who.name} in one batch:`
  }

  protected act(who: Member, room: ReferenceRoom, run: ModelRun): void {
    const { cursor, shown } = who
    const { n, amount, withKey } = this.params
    run.batch(who)
    for (const [at, action] of (['append', 'check', 'push', 'append', 'push', 'preview'] as const).entries()) {
      if ((amount + at) % 3 === 0) continue
      const request: ModelRequest = {
        action,
        batch: { cursor, shown },
        ...(action === 'append' && { text: `${n}.${at};` }),
        ...(withKey && (action === 'append' || action === 'push') && { key: `key ${n}.${at}` }),
      }
      run.steps.push(`  ${described(who, request)}`)
      run.call(room.call(who, request))
    }
  }
}

/** Publishes that cross a message of another member three times, which usually earns the floor. */
class EarnFloorCommand extends SessionCommand {
  protected override applies(who: Member, room: Readonly<ReferenceRoom>): boolean {
    const other = this.#other(who, room)
    return other !== undefined && [who, other].every(one => !one.pushing && !one.check)
  }

  protected describe(who: Member, room: ReferenceRoom): string {
    return `${who.name} is crossed by ${this.#other(who, room)!.name} three times:`
  }

  protected async act(who: Member, room: ReferenceRoom, run: ModelRun): Promise<void> {
    const other = this.#other(who, room)!
    for (let round = 0; round < 3; round++) {
      const base = who.cursor
      const publish = (by: Member, from: number): ModelRequest => {
        const text = `${this.params.n}.${round} by ${by.name};`
        return { action: 'publish', content: text, base: from, key: text, timeout_ms: 0 }
      }
      for (const [by, request] of [
        [other, { action: 'preview' }],
        [other, undefined],
        [who, publish(who, base)],
      ] as const) {
        const made = request ?? publish(other, other.cursor)
        run.steps.push(`  ${described(by, made)}`)
        run.call(room.call(by, made))
        await run.compare()
      }
    }
  }

  #other(who: Member, room: Readonly<ReferenceRoom>): Member | undefined {
    const others = room.members.filter(({ here, name }) => here && name !== who.name)
    return others[this.params.amount % (others.length || 1)]
  }
}

/** Repeats a call under its key, or makes another call under that key. */
class RepeatCommand extends SessionCommand {
  readonly misused: boolean

  constructor(misused: boolean, params: CommandParams) {
    super(params)
    this.misused = misused
  }

  protected override applies(who: Member): boolean {
    return this.#first(who) !== undefined
  }

  protected describe(who: Member): string {
    return described(who, this.#request(who))
  }

  protected act(who: Member, room: ReferenceRoom, run: ModelRun): void {
    run.call(room.call(who, this.#request(who)))
  }

  #request(who: Member): ModelRequest {
    const { notification: _, batch: __, ...request } = this.#first(who)!.request
    return this.misused ? { action: 'append', text: `${this.params.n} other`, key: request.key! } : request
  }

  #first(who: Member): ModelCall | undefined {
    const repeatable = [...who.keys.values()].filter(({ request }) => !request.key!.endsWith('beyond'))
    return repeatable[this.params.amount % (repeatable.length || 1)]
  }
}

class SessionMethodCommand extends SessionCommand {
  readonly does: 'yield' | 'leave' | 'who' | 'read'

  constructor(does: SessionMethodCommand['does'], params: CommandParams) {
    super(params)
    this.does = does
  }

  protected describe(who: Member): string {
    return `${who.name} ${this.does}`
  }

  protected act(who: Member, room: ReferenceRoom, run: ModelRun): Promise<void> | void {
    if (this.does === 'read') return run.read(who)
    if (this.does === 'who') return run.who(who)
    const ending = this.does === 'yield' ? run.yield(who) : run.leave(who)
    room[this.does](who)
    return ending
  }
}

class JoinCommand extends SessionCommand {
  override check(): boolean {
    return true
  }

  protected describe(): string {
    return `${this.name} join`
  }

  protected async act(who: Member | undefined, room: ReferenceRoom, run: ModelRun): Promise<void> {
    if (who) return run.refuses(this.name)
    await run.join(room.join(this.name), hasStream(this.name))
  }
}

class AdvanceClockCommand extends SessionCommand {
  override check(): boolean {
    return true
  }

  protected describe(): string {
    return `${this.#ms} ms pass`
  }

  protected async act(_: unknown, room: ReferenceRoom, run: ModelRun): Promise<void> {
    room.pass(this.#ms)
    await run.clock.advance(this.#ms)
  }

  get #ms(): number {
    return this.params.amount * 2000
  }
}

class RestartCommand extends SessionCommand {
  /** A restart may lose calls that are queued after a waiting push, so that it is not tried with any. */
  override check(room: Readonly<ReferenceRoom>): boolean {
    return room.members.every(({ queue }) => queue.length === 0)
  }

  protected describe(): string {
    return `the hub ${this.#how === 'crash' ? 'crashes' : 'is closed'} and restarts`
  }

  protected async act(_: unknown, room: ReferenceRoom, run: ModelRun): Promise<void> {
    await run.restart(this.#how)
    room.restart()
  }

  get #how(): 'close' | 'crash' {
    return this.params.withKey ? 'close' : 'crash'
  }
}

/** Crashes the hub as soon as a call is answered: what the answer says must be durable by then. */
class CrashCommand extends SessionCommand {
  protected override applies(who: Member, room: Readonly<ReferenceRoom>): boolean {
    // A call that waits may be answered or not.
    return maySpeak(who, room) && room.members.every(({ check, pushing }) => !check && !pushing)
  }

  protected describe(who: Member): string {
    return `${described(who, this.#request(who))}, and the hub crashes once this is answered`
  }

  protected async act(who: Member, room: ReferenceRoom, run: ModelRun): Promise<void> {
    await run.crashOnceAnswered(room.call(who, this.#request(who)))
    room.restart()
  }

  #request(who: Member): ModelRequest {
    const { n, amount } = this.params
    const [text, key] = [`${n};`, `key ${n}`]
    if (amount % 2 === 0) return { action: 'append', text, key }
    return { action: 'publish', content: text, base: who.cursor, key, timeout_ms: 0 }
  }
}

function described(who: Member, { action, text, content, notification, batch: _, ...rest }: ModelRequest): string {
  const said = text ?? content
  const parts = [
    ...(said === undefined ? [] : [abbreviated(said)]),
    ...Object.entries(rest).map(([name, value]) => `${name} ${value}`),
  ]
  return `${who.name} ${action}${notification ? ' (a notification)' : ''} ${parts.join(', ')}`
}

const commandParams: fc.Arbitrary<CommandParams> = fc.record({
  who: fc.nat(names.length - 1),
  n: fc.integer({ min: 1, max: 999 }),
  withKey: fc.boolean(),
  notification: fc.nat(11).map(n => n === 0),
  after: fc.constantFrom('none', 'none', 'none', 'none', 'below', 'shown', 'beyond'),
  timeout_ms: fc.constantFrom(undefined, undefined, 0, 1000, 70_000),
  amount: fc.nat(30),
})

const repeated = (weight: number, make: (params: CommandParams) => ModelCommand) =>
  Array.from({ length: weight }, () => commandParams.map(make))

/** Makes sequences of up to 60 commands in one room. With `restarts` the hub restarts now and then. */
export function modelCommands(restarts: boolean): fc.Arbitrary<Iterable<ModelCommand>> {
  return fc.commands(
    [
      ...(Object.entries(actionWeights) as [ActionName, number][]).flatMap(([action, weight]) =>
        repeated(weight, params => new CallCommand(action, params)),
      ),
      ...repeated(3, params => new RepeatCommand(false, params)),
      ...repeated(1, params => new RepeatCommand(true, params)),
      ...repeated(2, params => new BatchCommand(params)),
      ...repeated(2, params => new EarnFloorCommand(params)),
      ...repeated(1, params => new SessionMethodCommand('yield', params)),
      ...repeated(1, params => new SessionMethodCommand('who', params)),
      ...repeated(1, params => new SessionMethodCommand('leave', params)),
      ...repeated(1, params => new SessionMethodCommand('read', params)),
      ...repeated(2, params => new JoinCommand(params)),
      ...repeated(2, params => new AdvanceClockCommand(params)),
      ...repeated(restarts ? 2 : 0, params => new RestartCommand(params)),
      ...repeated(restarts ? 2 : 0, params => new CrashCommand(params)),
    ],
    { maxCommands: 60, size: 'max', disableReplayLog: true },
  )
}
