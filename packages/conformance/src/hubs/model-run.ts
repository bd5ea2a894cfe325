import {
  isMidsentenceError,
  type Message,
  memoryLog,
  memorySessions,
  type RoomLog,
  type RoomSettings,
  type SessionLog,
  type VirtualClock,
  virtualClock,
} from '@midsentence/core'
import type { CursorSnapshot, Hub, HubSession, RoomSubscription } from '@midsentence/core/hub'
import { BrokenRule } from '../kit/broken-rule.ts'
import type { RuleId } from '../kit/rules.ts'
import type { HubBench, HubPlace } from './hub-harness.ts'
import { difference, tell } from './outcome-difference.ts'
import {
  type Asked,
  type Called,
  foretold,
  type Member,
  type Outcome,
  type ReferenceRoom,
} from './reference/reference-room.ts'

/** So long nobody lapses. */
const FOR_EVER_MS = 1e12

interface Open {
  readonly called: Called
  readonly line: number
  found: Outcome | undefined
}

interface Ear {
  readonly heard: Message[]
  readonly from: number
  readonly listening: RoomSubscription
  /** It said that it takes no more for now. */
  stopped: boolean
}

/** A hub, the calls that were made of it, and the story so far. */
export class Rehearsal {
  readonly clock: VirtualClock = virtualClock()
  readonly story: string[] = []
  readonly #bench: HubBench
  readonly #place: HubPlace
  readonly #settings: RoomSettings
  readonly #room: ReferenceRoom
  readonly #log: RoomLog
  readonly #sessions: SessionLog
  readonly #here = new Map<Member, HubSession>()
  readonly #tokens = new Map<Member, string>()
  readonly #ears = new Map<Member, Ear>()
  readonly #ids = new Map<number, string>()
  #hub!: Hub
  #life = 0
  #arrival: CursorSnapshot | undefined
  #open: Open[] = []

  constructor(bench: HubBench, place: HubPlace, settings: RoomSettings, room: ReferenceRoom) {
    this.#bench = bench
    this.#place = place
    this.#settings = settings
    this.#room = room
    this.#log = memoryLog()
    this.#sessions = memorySessions()
  }

  async start(): Promise<void> {
    const life = ++this.#life
    // What a hub that died still does has no effect any more.
    const alive = <T>(write: () => Promise<T>): Promise<T> =>
      life === this.#life ? write() : new Promise<never>(() => {})
    const log: RoomLog = { ...this.#log, append: (...write) => alive(() => this.#log.append(...write)) }
    const sessions: SessionLog = {
      ...this.#sessions,
      append: records => alive(() => this.#sessions.append(records)),
    }
    const parts = { ...this.#place, clock: this.clock, log, sessions }
    this.#hub = await this.#bench.open({
      ...parts,
      times: { lapse_ms: FOR_EVER_MS, unused_ms: FOR_EVER_MS, session_ms: FOR_EVER_MS },
    })
  }

  async join(member: Member, listens: boolean): Promise<void> {
    const session = await this.#hub.join({ username: member.name })
    const { sender_id, cursor, token } = session.joinResult
    if (sender_id !== member.name) this.broken('A2', `${member.name} came in as ${sender_id}.`)
    if (cursor !== member.start) this.broken('L1', `${member.name} came in at ${cursor}, not at ${member.start}.`)
    this.#here.set(member, session)
    this.#tokens.set(member, token)
    if (listens) await this.#listen(member, session)
  }

  async refuses(name: string): Promise<void> {
    const outcome = await this.#hub.join({ username: name.toUpperCase() }).then(
      () => 'let in',
      error => (isMidsentenceError(error) ? error.code : String(error)),
    )
    if (outcome !== 'name-taken') this.broken('A2', `A second ${name} was ${outcome}.`)
  }

  /** Calls what the reference was asked as well; it is looked at once all is quiet. */
  call(called: Called): void {
    const { who, asked } = called
    const { action, silent, batch, ...request } = asked
    const open: Open = { called, line: this.story.length - 1, found: undefined }
    this.#open.push(open)
    const manner = {
      ...(silent && { notification: true }),
      ...(batch && { cursorSnapshot: this.#arrival!, mayWait: false }),
    }
    const answer = this.#here.get(who)![action](request as never, manner) as Promise<unknown>
    answer.then(
      told => {
        open.found = told as Outcome
      },
      error => {
        open.found = { error: isMidsentenceError(error) ? error.code : (`${error}` as never) }
      },
    )
  }

  /** What is called until the next one are calls of one batch. */
  batch(who: Member): void {
    this.#arrival = this.#here.get(who)!.snapshotCursor()
  }

  yield(who: Member): void {
    const had = this.#room.judge.floor?.who === who
    const told = this.#here.get(who)!.yield()
    if (told !== had) this.broken('F2', `yield said ${told}.`)
  }

  who(member: Member): void {
    const { participants, floor } = this.#here.get(member)!.who()
    const names = participants.map(({ sender_id }) => sender_id).sort()
    const due = this.#room.members.filter(({ here }) => here).map(({ name }) => name)
    if (`${names}` !== `${due.sort()}`) this.broken('A5', `${names} are said to be here, not ${due}.`)
    const shown = this.#room.judge.shown
    if (JSON.stringify(floor) !== JSON.stringify(shown)) {
      this.broken('F2', `The floor is said to be ${JSON.stringify(floor)}, not ${JSON.stringify(shown)}.`)
    }
  }

  async leave(who: Member): Promise<void> {
    const session = this.#here.get(who)!
    this.#here.delete(who)
    this.#ears.delete(who)
    await session.leave()
  }

  /** It takes messages again. */
  read(who: Member): void {
    const ear = this.#ears.get(who)
    if (!ear) return
    ear.stopped = false
    ear.listening.resume()
  }

  /** `crash`: nothing is closed, and nothing of the old hub counts any more. */
  async restart(how: 'close' | 'crash'): Promise<void> {
    if (how === 'close') await this.#hub.close()
    const stopped = [...this.#here.keys()]
    this.#open = []
    this.#ears.clear()
    await this.start()
    for (const member of stopped) this.#here.set(member, this.#hub.enter(this.#tokens.get(member)!))
  }

  /** Lets all get quiet, and holds what ended, and what did not, against the reference. */
  async compare(): Promise<void> {
    await this.clock.settle()
    for (const open of this.#open) {
      const { called, line } = open
      const found = open.found && this.#simplified(open.found)
      const expected = called.outcome ?? called.again?.retold ?? called.again?.outcome
      const { policy } = this.#settings
      const differs = difference(called, expected, found, policy)
      if (found) this.story[line] += `  → ${tell(found)}`
      if (differs) this.broken(differs.rule, `${called.who.name}'s ${called.asked.action}: ${differs.what}.`)
    }
    this.#open = this.#open.filter(({ found }) => !found)
    for (const [who, { heard, from, stopped }] of this.#ears) {
      const due = this.#room.judge.log.slice(from).map(foretold)
      const got = heard.map(message => this.#message(message))
      const all = stopped ? due.slice(0, got.length) : due
      if (JSON.stringify(got) !== JSON.stringify(all)) {
        this.broken(
          'V2',
          `${who.name}'s stream brought ${got.map(({ seq }) => seq)}, not ${all.map(({ seq }) => seq)}.`,
        )
      }
    }
  }

  /** Everybody reads to the end, and hears what is left. */
  async finish(): Promise<void> {
    for (const who of this.#here.keys()) {
      this.read(who)
      for (let more = true; more; ) {
        this.story.push(`${who.name} reads on`)
        const called = this.#room.call(who, { action: 'preview' } satisfies Asked)
        this.call(called)
        await this.compare()
        more = called.outcome !== undefined && 'more' in called.outcome
      }
    }
  }

  close(): Promise<void> {
    return this.#hub.close()
  }

  broken(rule: RuleId, what: string): never {
    throw new BrokenRule(rule, what, this.story)
  }

  async #listen(member: Member, session: HubSession): Promise<void> {
    let batches = 0
    const ear: Omit<Ear, 'listening'> = { heard: [], from: member.cursor, stopped: false }
    const listening = await session.subscribe({
      messages: batch => {
        if (ear.stopped) this.broken('V2', `${member.name}'s stream went on, though it was to wait.`)
        ear.heard.push(...batch)
        ear.stopped = ++batches % 3 === 0
        return !ear.stopped
      },
      missed: () => {},
      presence: () => {},
      ended: () => {},
    })
    this.#ears.set(member, Object.assign(ear, { listening }))
    listening.resume()
  }

  #simplified(outcome: Outcome): Outcome {
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

  /** Everybody knows a message by one id. */
  #sameId(seq: number, id: string | undefined): void {
    const known = this.#ids.get(seq) ?? id ?? 'none'
    this.#ids.set(seq, known)
    if (known !== id) this.broken('L2', `Message ${seq} has the id ${known}, and the id ${id}.`)
  }
}
