import type { MidsentenceError } from '../packages/core/src/errors.ts'
import {
  type Hub,
  type HubOptions,
  type HubSession,
  type Listening,
  type Manner,
  openHub,
} from '../packages/core/src/hub/index.ts'
import type { News } from '../packages/core/src/machine/answers.ts'
import { memoryLog } from '../packages/core/src/memory/memory-log.ts'
import { type VirtualClock, virtualClock } from '../packages/core/src/memory/virtual-clock.ts'
import type { Floor, Message, Seq } from '../packages/core/src/room/message.ts'
import type { RoomPolicy } from '../packages/core/src/room/settings.ts'

/** One thing somebody does, mostly without waiting for what comes of it. */
export interface Step {
  readonly who: number
  readonly does: Action | 'repeat' | 'misuse' | 'batch' | 'yield' | 'leave' | 'read' | 'settle' | 'pass'
  readonly keyed: boolean
  readonly silent: boolean
  /** Which cursor the caller says it has: one from before, the newest it was shown, or one that cannot be. */
  readonly after: 'none' | 'below' | 'shown' | 'beyond'
  readonly timeout_ms: number | undefined
  readonly much: number
}

export type Action = 'append' | 'undo' | 'reset' | 'preview' | 'push' | 'publish' | 'check'

/** One call: with what, knowing what, and what came of it. */
export interface Call {
  readonly action: Action
  readonly request: Asked
  readonly silent: boolean
  /** Up to here its author had been given everything when it called. */
  readonly knew: Seq
  /** The call that this one repeats under its key. */
  readonly again?: Call
  /** It uses the key of another call. */
  readonly misuse?: true
  answer?: Told
  error?: MidsentenceError
}

interface Asked {
  readonly text?: string
  readonly content?: string
  readonly base?: Seq
  readonly key?: string
  readonly after?: Seq
  readonly timeout_ms?: number
  /** The cursor in it lies above what its author was shown. */
  readonly beyond?: true
}

/** Whatever an answer may hold. */
interface Told extends News {
  readonly suffix?: string
  readonly seq?: Seq
  readonly message_id?: string
  readonly timestamp?: string
  readonly crossed?: readonly Seq[]
  readonly floor?: Floor
}

export interface Rehearsal {
  readonly people: number
  readonly policy: RoomPolicy
  readonly tail: number
  readonly steps: readonly Step[]
}

/** One session with all that it called and heard. */
export class Author {
  readonly calls: Call[] = []
  readonly heard: Message[] = []
  readonly #session: HubSession
  left = false
  #listening: Listening | undefined
  #keys = 0
  #cursor: Seq

  constructor(session: HubSession) {
    this.#session = session
    this.#cursor = this.readable
  }

  get id(): string {
    return this.#session.entrance.session_id
  }

  get name(): string {
    return this.#session.entrance.sender_id
  }

  get token(): string {
    return this.#session.entrance.token
  }

  get readable(): Seq {
    return this.#session.entrance.cursor
  }

  /** Listens; takes no more behind every third batch until it `reads`. */
  async listen(): Promise<void> {
    let batches = 0
    this.#listening = await this.#session.listen({
      messages: batch => {
        this.heard.push(...batch)
        return ++batches % 3 !== 0
      },
      missed: () => {
        throw new Error('Nothing is ever missed here.')
      },
      presence: () => {},
      ended: () => {},
    })
    this.#listening.go()
  }

  read(): void {
    this.#listening?.go()
  }

  get drained(): boolean {
    return this.#listening?.cursor === this.heard.at(-1)?.seq
  }

  do(step: Step, text: string, manner: Manner = {}): void {
    const { does, keyed, much, silent } = step
    if (does === 'yield') return void this.#session.yield()
    if (does === 'leave') {
      this.left = true
      return void this.#session.leave()
    }
    if (does === 'batch') return this.#batch(step, text)
    const former = this.calls.filter(
      ({ request, again, misuse }) => request.key && !request.beyond && !again && !misuse,
    )
    const chosen = former[much % (former.length || 1)]
    if (does === 'repeat' || does === 'misuse') {
      if (!chosen) return
      const { action, request } = chosen
      if (does === 'repeat') return this.#call({ action, request, silent: false, knew: 0, again: chosen }, manner)
      const other = { text: `${text} other`, key: request.key! }
      return this.#call({ action: 'append', request: other, silent: false, knew: 0, misuse: true }, manner)
    }
    if (!isAction(does)) return
    const arrival = manner.arrival ?? this.#session.arrive()
    const cursor = this.#cursorOf(step, arrival)
    const beyond = (cursor ?? 0) > arrival.shown && ({ beyond: true } as const)
    const wait = step.timeout_ms === undefined ? {} : { timeout_ms: step.timeout_ms }
    const key = (keyed || does === 'publish') && !beyond && { key: `key ${++this.#keys}` }
    const request: Asked = {
      ...(does === 'append' && { text }),
      ...(does === 'publish' && { content: text, base: cursor ?? arrival.shown, key: `key ${this.#keys}` }),
      ...(does !== 'publish' && cursor !== undefined && { after: cursor }),
      ...(does !== 'preview' && does !== 'check' && key),
      ...(does === 'push' || does === 'publish' || does === 'check' ? wait : {}),
      ...beyond,
    }
    const from = request.base ?? request.after
    const knew = from === undefined ? arrival.cursor : Math.max(from, this.readable)
    this.#call({ action: does, request, silent, knew }, { ...manner, ...(silent && { silent }) })
  }

  /** Reads to the end. */
  async finish(): Promise<void> {
    for (let more = true; more; ) {
      const answer = await this.#session.preview()
      const call: Call = { action: 'preview', request: {}, silent: false, knew: 0, answer }
      this.calls.push(call)
      more = answer.more === true
    }
  }

  /** The cursor of a session never goes back. */
  look(): void {
    const { cursor, shown } = this.#session.arrive()
    if (cursor < this.#cursor || shown < cursor) throw new Error(`The cursor went from ${this.#cursor} to ${cursor}.`)
    this.#cursor = cursor
  }

  #batch(step: Step, text: string): void {
    const manner = { arrival: this.#session.arrive(), waits: false }
    for (const [n, does] of (['append', 'check', 'push', 'append', 'push', 'preview'] as const).entries()) {
      if ((step.much + n) % 3 > 0) this.do({ ...step, does }, `${text}${n},`, manner)
    }
  }

  #call(call: Call, manner: Manner): void {
    this.calls.push(call)
    const { beyond: _, ...request } = call.request
    const answer = this.#session[call.action](request as never, manner) as Promise<unknown>
    answer.then(
      told => {
        call.answer = told as Told
      },
      error => {
        call.error = error
      },
    )
  }

  #cursorOf({ after, much }: Step, { shown, cursor }: { readonly shown: Seq; readonly cursor: Seq }): Seq | undefined {
    if (after === 'none') return undefined
    if (after === 'shown') return shown
    return after === 'below' ? Math.max(0, cursor - (much % 5)) : shown + 1 + (much % 3)
  }
}

const actions: readonly string[] = ['append', 'undo', 'reset', 'preview', 'push', 'publish', 'check']
const isAction = (does: Step['does']): does is Action => actions.includes(does)

/** Longer than every push in a row waits for a floor in vain. */
const ENOUGH_MS = 10_000_000

/** Plays it to its end: every call answered, everything read. */
export async function rehearse({ people, policy, tail, steps }: Rehearsal, options: HubOptions = {}) {
  const clock = virtualClock()
  const { log = memoryLog() } = options
  const hub = await openHub({
    ...options,
    clock,
    log,
    tail,
    policy: { room: () => ({ policy }), limits: () => ({}) },
    times: { lapse_ms: ENOUGH_MS * 10 },
  })
  const authors: Author[] = []
  const here = new Map<number, Author>()
  for (let who = 0; who < people; who++) await enter(hub, who, authors, here)
  for (const [n, step] of steps.entries()) {
    const who = step.who % people
    if (step.does === 'settle') await clock.settle()
    else if (step.does === 'pass') await clock.advance(step.much * 1000)
    else if (step.does === 'read') here.get(who)?.read()
    else {
      if (!here.has(who)) await enter(hub, who, authors, here)
      here.get(who)!.do(step, `${n};`)
      if (step.does === 'leave') here.delete(who)
    }
    for (const author of here.values()) author.look()
  }
  await ended(authors, clock)
  for (const author of here.values()) {
    await author.finish()
    for (let heard = -1; heard < author.heard.length; ) {
      heard = author.heard.length
      author.read()
      await clock.settle()
    }
  }
  const sessions: string[] = []
  for await (const record of log.records('lobby')) if (record.type === 'message') sessions.push(record.session)
  const room = await log.messages('lobby', 0, 100_000)
  await hub.close()
  return { authors, room, sessionOf: (seq: Seq) => sessions[seq - 1] }
}

async function enter(hub: Hub, who: number, authors: Author[], here: Map<number, Author>): Promise<void> {
  const author = new Author(await hub.join({ username: `p${who}` }))
  await author.listen()
  authors.push(author)
  here.set(who, author)
}

/** Waits for every call to end, a bounded time. */
async function ended(authors: readonly Author[], clock: VirtualClock): Promise<void> {
  const open = () => authors.some(({ calls }) => calls.some(({ answer, error }) => !answer && !error))
  for (let tried = 0; tried < 100 && open(); tried++) await clock.advance(ENOUGH_MS / 100)
}
