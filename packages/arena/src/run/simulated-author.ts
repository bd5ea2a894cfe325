import { type Clock, isMidsentenceError, type Message, type PushAnswer, type Seq } from '@midsentence/core'
import type { CoordinationPolicy } from '../policies/policy.ts'
import { type RandomStream, randomFrom } from '../random.ts'
import type { Plan, Task, TaskMessage } from '../scenarios/scenario.ts'
import { tokensIn, type WriterTraits } from '../writers/writer.ts'
import type { TurnGate } from './gate.ts'
import type { AuthorSession } from './observed-calls.ts'
import { pause } from './pause.ts'
import type { TraceEntry, TraceEvent } from './trace.ts'

export interface AuthorDeps {
  readonly name: string
  readonly session: AuthorSession
  readonly plan: Task['plan']
  readonly policy: CoordinationPolicy
  readonly writer: WriterTraits
  /** Of the run. With the author's name and what it reads, it decides whether the author notices and repairs. */
  readonly seed: number
  readonly clock: Clock
  readonly gate: TurnGate | undefined
  /** One way between the author and the room, in milliseconds. */
  readonly latency_ms: number
  /** The author stops for this long, once, in the middle of this message: 1 is its first. */
  readonly fails?: { readonly message: number; readonly ms: number }
  /** It keeps its turn or the lock while it has more to say, as long as it may. Default false. */
  readonly keepsTurn?: boolean
}

type ReviewCause = Extract<TraceEvent, { type: 'reviewed' }>['why']

/** Tokens of an answer that says nothing, or that everything stays as it is. */
const SHORT_ANSWER_TOKENS = 2
const MAX_CHECK_MS = 240_000

/** A simulated author: reads, decides, writes a draft sentence by sentence, revises it and pushes, as its policy says. */
export class SimulatedAuthor {
  readonly trace: TraceEvent[] = []
  /** It is not waiting for a message. */
  isBusy = true
  readonly #deps: AuthorDeps
  /** The messages that it knows: those it has read, and its own. */
  #known: TaskMessage[] = []
  /** It has read every message up to here. */
  #read: Seq
  /** Delivered, and not read yet. */
  #unread: Message[] = []
  /** Tokens of everything that its model was shown. */
  #context = 0
  #draft: string[] = []
  #sent = 0
  #hasFailed = false

  constructor(deps: AuthorDeps) {
    this.#deps = deps
    this.#read = deps.session.joinResult.cursor
  }

  /** Takes part until the session ends. Rejects with any other error than `session-unknown`. */
  async run(): Promise<void> {
    const { policy, gate, name, keepsTurn = false } = this.#deps
    try {
      for (let hasMore = true; ; ) {
        if (!hasMore) await this.#listen()
        if (policy.writes === 'turns') await this.#enter()
        hasMore = await this.#speak()
        if (!hasMore || !keepsTurn) gate?.leave(name)
      }
    } catch (error) {
      if (!isMidsentenceError(error) || error.code !== 'session-unknown') throw error
    }
  }

  /** Says one thing, if it has something to say. Resolves with whether it may have more. */
  async #speak(): Promise<boolean> {
    const { policy } = this.#deps
    let plan = await this.#decide()
    if (!plan) return false
    this.#note({ type: 'wanted' })
    if (policy.writes === 'lock') {
      await this.#enter()
      plan = await this.#decide()
    }
    if (plan && (await this.#write(plan))) return true
    this.#note({ type: 'withdrew' })
    return true
  }

  /** Waits for its turn or the lock, unless it has kept it. */
  async #enter(): Promise<void> {
    const { gate, name } = this.#deps
    if (!gate!.isHolder(name)) await gate!.enter(name)
  }

  /** Waits for a message. */
  async #listen(): Promise<void> {
    this.isBusy = false
    while (this.#unread.length === 0)
      await this.#receive(this.#call(session => session.check(this.#after(MAX_CHECK_MS))))
    this.isBusy = true
  }

  async #decide(): Promise<Plan | undefined> {
    await this.#receive(this.#call(session => session.check(this.#after(0))))
    await this.#ask()
    const plan = this.#plan()
    if (!plan) await this.#generate(SHORT_ANSWER_TOKENS)
    return plan
  }

  #plan(): Plan | undefined {
    return this.#deps.plan(this.#deps.name, this.#known)
  }

  /** Writes a message and pushes it. Resolves with false if others made it moot. */
  async #write(first: Plan): Promise<boolean> {
    const { policy } = this.#deps
    let plan: Plan | undefined = first
    let interruptions = 0
    let retries = 0
    const review = async (why: ReviewCause) => {
      plan = await this.#review(why, plan!)
      return plan !== undefined
    }
    for (;;) {
      while (this.#draft.length < plan!.length) {
        if (!(await this.#writePart(plan![this.#draft.length]!, plan!.length))) return false
        if (policy.reads !== 'while writing' || interruptions >= policy.maxInterruptions || !this.#isInterrupted())
          continue
        interruptions++
        if (!(await review('interrupted'))) return false
      }
      if (policy.reads === 'at the end' && retries < policy.retries) {
        await this.#receive(this.#call(session => session.check(this.#after(0))))
        if (this.#unread.length > 0) {
          retries++
          if (!(await review('finished'))) return false
          continue
        }
      }
      const answer = await this.#push()
      if (!answer) return false
      if (!answer.held) return true
      if (!(await review('held'))) return false
    }
  }

  /** Writes one part and appends it. Resolves with false if the author failed meanwhile, and has lost its draft. */
  async #writePart(text: string, parts: number): Promise<boolean> {
    const { fails, clock } = this.#deps
    await this.#generate(tokensIn(text))
    this.#note({ type: 'wrote', text })
    this.#draft.push(text)
    await this.#receive(this.#call(session => session.append({ text, ...this.#after() })))
    if (this.#hasFailed || fails?.message !== this.#sent + 1 || this.#draft.length < Math.ceil(parts / 2)) return true
    this.#hasFailed = true
    await pause(clock, fails.ms)
    await this.#discard(0)
    return false
  }

  #isInterrupted(): boolean {
    const { policy, name } = this.#deps
    return this.#unread.some(message => policy.interruptedBy(message, name))
  }

  /** Reads what arrived and decides what becomes of the draft. Resolves with the plan to go on with, if there is one. */
  async #review(why: ReviewCause, plan: Plan): Promise<Plan | undefined> {
    const { policy, writer } = this.#deps
    const newest = this.#unread.at(-1)
    if (!newest) return plan
    this.#note({ type: 'reviewed', why })
    await this.#ask()
    const next = this.#plan()
    if (policy.after === 'restart') {
      await this.#discard(0)
      return next
    }
    const right = next ? commonLength(plan, next) : 0
    const concerns = !next || right < Math.max(plan.length, next.length)
    const luck = this.#luckWith(newest)
    const notices = luck.chance(writer.notices)
    const repairs = luck.chance(writer.repairs)
    if (!concerns || !notices) {
      await this.#generate(SHORT_ANSWER_TOKENS)
      return plan
    }
    if (!repairs) return next ? [...this.#draft, ...next.slice(this.#draft.length)] : plan
    await this.#discard(next ? Math.floor(writer.keeps * Math.min(right, this.#draft.length)) : 0)
    return next
  }

  /** Two policies that meet the same news draw the same luck, however much they drew before. */
  #luckWith({ sender_id, content }: TaskMessage): RandomStream {
    const { seed, name } = this.#deps
    const same = this.#known.filter(message => message.sender_id === sender_id && message.content === content)
    return randomFrom('luck', seed, name, sender_id, content, same.length)
  }

  /** Undoes all parts but the first `kept`. */
  async #discard(kept: number): Promise<void> {
    while (this.#draft.length > kept) {
      this.#note({ type: 'undid', text: this.#draft.pop()! })
      await this.#receive(this.#call(session => session.undo(this.#after())))
    }
  }

  /** Resolves with undefined if the author has lost its turn. */
  async #push(): Promise<PushAnswer | undefined> {
    const { gate, name, clock } = this.#deps
    const content = this.#draft.join('')
    for (;;) {
      if (gate && !gate.isHolder(name)) {
        await this.#discard(0)
        return undefined
      }
      this.#note({ type: 'pushed' })
      try {
        const answer = await this.#receive(
          this.#call(session => session.push({ ...this.#after(), meta: { by: 'model' } })),
        )
        if (answer.held) {
          this.#note({ type: 'held', floor: answer.floor !== undefined })
          return answer
        }
        this.#note({ type: 'sent', content, seq: answer.seq })
        this.#draft = []
        this.#sent++
        this.#context += tokensIn(content)
        this.#know([{ seq: answer.seq, sender_id: name, content }])
        return answer
      } catch (error) {
        if (!isMidsentenceError(error) || error.code !== 'rate-limited') throw error
        await pause(clock, error.data.retry_after_ms ?? 1_000)
      }
    }
  }

  /** Calls the model, which reads everything that was delivered. */
  async #ask(): Promise<void> {
    const { writer, clock } = this.#deps
    const unread = this.#unread
    this.#unread = []
    const fresh = unread.reduce((tokens, { content }) => tokens + tokensIn(content), 0)
    this.#note({ type: 'asked', fresh, cached: this.#context })
    this.#context += fresh
    await pause(clock, writer.first_token_ms + (1000 * fresh) / writer.input_tokens_per_s)
    if (unread.length === 0) return
    this.#read = unread.at(-1)!.seq
    this.#know(unread)
    this.#note({ type: 'read', seq: this.#read })
  }

  /** Writes that many tokens. */
  async #generate(tokens: number): Promise<void> {
    const { writer, clock } = this.#deps
    await pause(clock, (1000 * tokens) / writer.output_tokens_per_s)
  }

  #know(messages: readonly TaskMessage[]): void {
    this.#known = [...this.#known, ...messages].sort((a, b) => a.seq - b.seq)
  }

  /** Names the messages that were read: the room gives the later ones again, and judges a push by them. */
  #after(timeout_ms?: number): { after: Seq; timeout_ms?: number } {
    return { after: this.#read, ...(timeout_ms !== undefined && { timeout_ms }) }
  }

  async #call<A>(make: (session: AuthorSession) => Promise<A>): Promise<A> {
    const { clock, latency_ms, session } = this.#deps
    await pause(clock, latency_ms)
    const answer = await make(session)
    await pause(clock, latency_ms)
    return answer
  }

  async #receive<A extends { readonly messages: readonly Message[] }>(answering: Promise<A>): Promise<A> {
    const answer = await answering
    this.#unread = answer.messages.filter(({ seq }) => seq > this.#read)
    return answer
  }

  #note(entry: TraceEntry): void {
    this.trace.push({ at: this.#deps.clock.monotonic(), ...entry } as TraceEvent)
  }
}

function commonLength(a: Plan, b: Plan): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}
