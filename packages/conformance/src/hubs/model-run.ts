import { isMidsentenceError, type Message, type RoomSettings, type VirtualClock, virtualClock } from '@midsentence/core'
import type { CursorSnapshot, Hub, HubSession, RoomSubscription } from '@midsentence/core/hub'
import { BrokenRule } from '../kit/broken-rule.ts'
import { CrashableLogs } from '../kit/crashable-logs.ts'
import type { RuleId } from '../kit/rules.ts'
import type { HubHarness, HubRunSettings } from './hub-harness.ts'
import { describe, outcomeDifference } from './outcome-difference.ts'
import {
  expectedMessage,
  type Member,
  type ModelCall,
  type ModelOutcome,
  type ModelRequest,
  type ReferenceRoom,
} from './reference/reference-room.ts'

/** No session expires within this time. */
const NEVER_MS = 1e12

interface OpenCall {
  readonly call: ModelCall
  readonly step: number
  found: ModelOutcome | undefined
}

interface StreamState {
  readonly received: Message[]
  readonly from: number
  readonly subscription: RoomSubscription
  /** Whether it asked for a pause. */
  stopped: boolean
}

/** A hub, the calls made so far, and their outcomes as steps for a report. */
export class ModelRun {
  readonly clock: VirtualClock = virtualClock()
  readonly steps: string[] = []
  readonly #harness: HubHarness
  readonly #runSettings: HubRunSettings
  readonly #settings: RoomSettings
  readonly #room: ReferenceRoom
  readonly #logs = new CrashableLogs(undefined, { flush: () => this.#flush() })
  readonly #here = new Map<Member, HubSession>()
  readonly #tokens = new Map<Member, string>()
  readonly #streams = new Map<Member, StreamState>()
  readonly #ids = new Map<number, string>()
  #hub!: Hub
  #cursorSnapshot: CursorSnapshot | undefined
  #open: OpenCall[] = []
  /** Flushes that wait; undefined if writes are durable at once. */
  #delayedFlushes: (() => void)[] | undefined

  constructor(harness: HubHarness, runSettings: HubRunSettings, settings: RoomSettings, room: ReferenceRoom) {
    this.#harness = harness
    this.#runSettings = runSettings
    this.#settings = settings
    this.#room = room
  }

  async start(): Promise<void> {
    const { log, sessions } = this.#logs.open()
    const parts = { ...this.#runSettings, clock: this.clock, log, sessions }
    this.#hub = await this.#harness.open({
      ...parts,
      times: { lapse_ms: NEVER_MS, unused_ms: NEVER_MS, session_ms: NEVER_MS },
    })
  }

  async join(member: Member, hasStream: boolean): Promise<void> {
    const session = await this.#hub.join({ username: member.name })
    const { sender_id, cursor, token } = session.joinResult
    if (sender_id !== member.name) this.broken('A2', `${member.name} joined as ${sender_id}.`)
    if (cursor !== member.start) this.broken('L1', `${member.name} joined at ${cursor}, not at ${member.start}.`)
    this.#here.set(member, session)
    this.#tokens.set(member, token)
    if (hasStream) await this.#listen(member, session)
  }

  async refuses(name: string): Promise<void> {
    const outcome = await this.#hub.join({ username: name.toUpperCase() }).then(
      () => 'a session',
      error => (isMidsentenceError(error) ? error.code : String(error)),
    )
    if (outcome !== 'name-taken') this.broken('A2', `A second join as ${name} ended with ${outcome}.`)
  }

  /** Makes a call that the reference room has made too. `compare` checks its outcome. */
  call(call: ModelCall): void {
    const { who, request } = call
    const { action, notification, batch, ...rest } = request
    const open: OpenCall = { call, step: this.steps.length - 1, found: undefined }
    this.#open.push(open)
    const options = {
      ...(notification && { notification: true }),
      ...(batch && { cursorSnapshot: this.#cursorSnapshot!, mayWait: false }),
    }
    const answer = this.#here.get(who)![action](rest as never, options) as Promise<unknown>
    answer.then(
      answer => {
        open.found = answer as ModelOutcome
      },
      error => {
        open.found = { error: isMidsentenceError(error) ? error.code : (`${error}` as never) }
      },
    )
  }

  /** Starts a batch: the calls until the next batch are judged by the current cursor. */
  batch(who: Member): void {
    this.#cursorSnapshot = this.#here.get(who)!.snapshotCursor()
  }

  async yield(who: Member): Promise<void> {
    const had = this.#room.floors.floor?.who === who
    const answer = await this.#here.get(who)!.yield()
    if (answer !== had) this.broken('F2', `yield answered ${answer}.`)
  }

  async who(member: Member): Promise<void> {
    const { participants, floor } = await this.#here.get(member)!.who()
    const names = participants.map(({ sender_id }) => sender_id).sort()
    const due = this.#room.members.filter(({ here }) => here).map(({ name }) => name)
    if (`${names}` !== `${due.sort()}`) this.broken('A5', `who lists ${names}, not ${due}.`)
    const shown = this.#room.floors.shown
    if (JSON.stringify(floor) !== JSON.stringify(shown)) {
      this.broken('F2', `who gives the floor ${JSON.stringify(floor)}, not ${JSON.stringify(shown)}.`)
    }
  }

  async leave(who: Member): Promise<void> {
    const session = this.#here.get(who)!
    this.#here.delete(who)
    this.#streams.delete(who)
    await session.leave()
  }

  /** Resumes a paused stream. */
  read(who: Member): void {
    const stream = this.#streams.get(who)
    if (!stream) return
    stream.stopped = false
    stream.subscription.resume()
  }

  /** Makes a call while writes are delayed, and crashes the hub as soon as the call is answered. */
  async crashOnceAnswered(call: ModelCall): Promise<void> {
    const flushes: (() => void)[] = []
    this.#delayedFlushes = flushes
    this.call(call)
    const made = this.#open.at(-1)!
    await this.#settle()
    // A right hub answers only once its writes are durable.
    while (made.found === undefined && flushes.length > 0) {
      for (const flush of flushes.splice(0)) flush()
      await this.#settle()
    }
    this.#delayedFlushes = undefined
    await this.restart('crash')
  }

  /** Starts the next hub over the same logs. `crash` closes nothing and ends the effects of the old hub. */
  async restart(how: 'close' | 'crash'): Promise<void> {
    if (how === 'close') await this.#hub.close()
    else await this.#logs.crash()
    const members = [...this.#here.keys()]
    this.#open = []
    this.#streams.clear()
    await this.start()
    for (const member of members) this.#here.set(member, this.#hub.enter(this.#tokens.get(member)!))
  }

  /** Waits until no call is in flight, then compares ended and waiting calls with the reference. */
  async compare(): Promise<void> {
    await this.#settle()
    for (const open of this.#open) {
      const { call, step } = open
      const found = open.found && this.#simplified(open.found)
      const expected = call.outcome ?? call.former?.repeatedOutcome ?? call.former?.outcome
      const { policy } = this.#settings
      const differs = outcomeDifference(call, expected, found, policy)
      if (found) this.steps[step] += `  → ${describe(found)}`
      if (differs) this.broken(differs.rule, `${call.who.name}'s ${call.request.action}: ${differs.what}.`)
    }
    this.#open = this.#open.filter(({ found }) => !found)
    for (const [who, { received, from, stopped }] of this.#streams) {
      const due = this.#room.floors.log.slice(from).map(expectedMessage)
      const got = received.map(message => this.#message(message))
      const all = stopped ? due.slice(0, got.length) : due
      if (JSON.stringify(got) !== JSON.stringify(all)) {
        this.broken(
          'V2',
          `${who.name}'s stream brought ${got.map(({ seq }) => seq)}, not ${all.map(({ seq }) => seq)}.`,
        )
      }
    }
  }

  /** Has every member read to the end, on its stream too. */
  async finish(): Promise<void> {
    for (const who of this.#here.keys()) {
      this.read(who)
      for (let more = true; more; ) {
        this.steps.push(`${who.name} reads`)
        const call = this.#room.call(who, { action: 'preview' } satisfies ModelRequest)
        this.call(call)
        await this.compare()
        more = call.outcome !== undefined && 'more' in call.outcome
      }
    }
  }

  close(): Promise<void> {
    return this.#hub.close()
  }

  broken(rule: RuleId, what: string): never {
    throw new BrokenRule(rule, what, this.steps)
  }

  async #listen(member: Member, session: HubSession): Promise<void> {
    let batches = 0
    const stream: Omit<StreamState, 'subscription'> = { received: [], from: member.cursor, stopped: false }
    const subscription = await session.subscribe({
      messages: batch => {
        if (stream.stopped) this.broken('V2', `${member.name}'s stream continued although it was paused.`)
        stream.received.push(...batch)
        stream.stopped = ++batches % 3 === 0
        return !stream.stopped
      },
      missed: () => {},
      presence: () => {},
      ended: () => {},
    })
    this.#streams.set(member, Object.assign(stream, { subscription }))
    subscription.resume()
  }

  #simplified(outcome: ModelOutcome): ModelOutcome {
    if ('error' in outcome) return outcome
    const { messages, seq, message_id } = outcome as {
      messages?: readonly Message[]
      seq?: number
      message_id?: string
    }
    if (seq !== undefined) this.#sameId(seq, message_id)
    return { ...outcome, messages: (messages ?? []).map(message => this.#message(message)) }
  }

  #message({ seq, sender_id, content, base, crossed, message_id }: Message) {
    this.#sameId(seq, message_id)
    return { seq, sender_id, content, base, ...(crossed && { crossed }) }
  }

  /** Checks that a message has one id in every answer. */
  #sameId(seq: number, id: string | undefined): void {
    const known = this.#ids.get(seq) ?? id ?? 'none'
    this.#ids.set(seq, known)
    if (known !== id) this.broken('L2', `Message ${seq} has the id ${known}, and the id ${id}.`)
  }

  async #settle(): Promise<void> {
    await this.#harness.settle?.()
    await this.clock.settle()
  }

  #flush(): Promise<void> {
    const delayed = this.#delayedFlushes
    return delayed ? new Promise(resolve => void delayed.push(resolve)) : Promise.resolve()
  }
}
