import type { DraftEvent } from '../../draft/events.ts'
import { isMidsentenceError, MidsentenceError } from '../../errors.ts'
import type { AnswerBase } from '../../machine/answers.ts'
import type { Message, Seq, SeqRange } from '../../room/message.ts'
import { evolveSession, type SessionState } from '../../session/evolve.ts'
import type { CallOutcome, IdempotencyRecord, SessionFact } from '../../session/facts.ts'
import type { CallOptions, CursorSnapshot, KeyedRequest } from '../requests.ts'
import type { MessagePage } from '../room/message-window.ts'
import type { Room } from '../room/room.ts'
import { SerialQueue } from './serial-queue.ts'

/** What a call did, before the news that go with its answer. */
export interface Effect {
  /** What it answers besides messages and cursor: made for this answer alone. */
  readonly result: Readonly<Record<string, unknown>>
  readonly draftEvent?: DraftEvent | undefined
  /** A push that went out: its number (0 where the draft is kept elsewhere), and what it became. */
  readonly sent?: {
    readonly push: number
    readonly message: Message
    /** What the answer gives, where the room's own record says so. Else it is looked for, and written down. */
    readonly ahead: readonly Message[] | undefined
  }
}

/**
 * Does what a call is for. `base`: what its author knew, by which its push is judged, and which its segment remembers.
 * `reads`: where what its answer gives begins, as things stand; undefined where it gives nothing.
 */
export type Handler = (base: Seq, reads: () => Seq | undefined) => Effect | Promise<Effect>

export interface LoggedCall {
  readonly request: KeyedRequest
  readonly options: CallOptions
  /** What it asks for: the same key may not ask for anything else. */
  readonly requestHash: string
  /** A cursor from outside besides `after`, as a publish has it. */
  readonly base?: Seq
  readonly handler: Handler
}

export interface CallLogDeps {
  readonly session_id: string
  readonly room: Room
  readonly state: SessionState
  /** Nothing at or below it is ever shown. */
  readonly readable: Seq
  /** The highest seq this session was shown. */
  readonly shown: Seq
  /** Writes a fact down; what is answered waits for it. Undefined where nothing of this session is kept. */
  persist(fact: SessionFact): Promise<void> | undefined
}

/** A call with a key that is not answered yet. */
interface InFlightCall {
  readonly requestHash: string
  readonly answer: Promise<unknown>
  readonly notification: boolean
}

interface CallResult {
  readonly answer: unknown
  readonly persisted: Promise<void> | undefined
}

/**
 * A session's own order: one call after another has its effect, is given what is new, and is written down, all as one
 * fact. Repeated calls are told what they were told.
 */
export class CallLog {
  readonly queue = new SerialQueue()
  readonly #deps: CallLogDeps
  readonly #inFlight = new Map<string, InFlightCall>()
  #state: SessionState
  #shown: Seq
  #ended: MidsentenceError | undefined
  #written: Promise<void> | undefined

  constructor(parts: CallLogDeps) {
    this.#deps = parts
    this.#state = parts.state
    this.#shown = Math.max(parts.shown, parts.state.cursor)
  }

  get state(): SessionState {
    return this.#state
  }

  /**
   * Resolves once all that was called before is written down; undefined where nothing ever was. Whatever a message is
   * made of must be durable before it, or a crash between the two has a repeated append find an empty draft.
   */
  get written(): Promise<void> | undefined {
    return this.#written
  }

  snapshotCursor(): CursorSnapshot {
    return { cursor: this.#state.cursor, shown: this.#shown }
  }

  /** Its streams are all it reads: what they showed was given. */
  advanceTo(seq: Seq): void {
    this.#state = evolveSession(this.#state, { type: 'acted', push: this.#state.pushes + 1, given: seq })
  }

  /** A stream showed everything up to `seq`. */
  markShown(seq: Seq): void {
    this.#shown = Math.max(this.#shown, seq)
  }

  /** From now on calls are refused, those in line too. */
  end(error: MidsentenceError): void {
    this.#ended ??= error
  }

  /** Runs one action in its turn and answers once it is written down. */
  run<A extends AnswerBase>(action: LoggedCall): Promise<A> {
    try {
      return this.#begin(action)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #begin<A extends AnswerBase>({ request, options, requestHash, base, handler }: LoggedCall): Promise<A> {
    this.assertOpen()
    const { key, after = base } = request
    const again = key === undefined ? undefined : this.#findRepeated(key, requestHash)
    if (again) return again as Promise<A>
    const arrival = options.cursorSnapshot ?? this.snapshotCursor()
    this.checkCursor(after, arrival)
    this.checkCursor(base, arrival)
    const answering = this.queue.run(() => this.#execute(request, after, arrival.cursor, options, requestHash, handler))
    // A promise more for each call would be felt.
    const answer = answering.then(({ answer, persisted }) =>
      persisted ? persisted.then(() => answer as A) : (answer as A),
    )
    if (key !== undefined) {
      this.#inFlight.set(key, { requestHash, answer, notification: options.notification === true })
      const done = () => this.#inFlight.delete(key)
      answer.then(done, done)
    }
    return answer
  }

  assertOpen(): void {
    if (this.#ended) throw this.#ended
  }

  /** A cursor from outside that lies above what was ever shown would be a force flag in disguise. */
  checkCursor(cursor: Seq | undefined, { shown }: CursorSnapshot): void {
    if (cursor === undefined || cursor <= shown) return
    throw new MidsentenceError(
      'invalid-params',
      `You were given messages up to ${shown}, not up to ${cursor}: say the cursor of the last answer you read.`,
    )
  }

  /** From where news are read, for a caller that says `after`, or nothing. */
  from(after: Seq | undefined): Seq {
    return after === undefined ? this.#state.cursor : Math.max(after, this.#deps.readable)
  }

  page(from: Seq): MessagePage | Promise<MessagePage> {
    return this.#deps.room.reader.page(this.#deps.session_id, from)
  }

  /** Gives a page: the cursor moves over what was given. The promise, where there is one, must be awaited before it is shown. */
  deliver(page: MessagePage): { readonly news: Omit<AnswerBase, 'status'>; readonly kept: Promise<void> | undefined } {
    const kept = page.through > this.#state.cursor ? this.#persist(undefined, page.through) : this.#written
    this.markShown(page.through)
    return { news: answerBaseOf(page), kept }
  }

  #execute(
    request: KeyedRequest,
    after: Seq | undefined,
    cursor: Seq,
    manner: CallOptions,
    print: string,
    run: Handler,
  ): CallResult | Promise<CallResult> {
    this.assertOpen()
    const base = after === undefined ? cursor : this.from(after)
    const finish = (effect: Effect): CallResult | Promise<CallResult> => {
      if (manner.notification) return this.#finish(request.key, print, effect, undefined)
      const { ahead, message } = effect.sent ?? {}
      if (ahead)
        return this.#finish(request.key, print, effect, { messages: ahead, through: message!.seq, more: false })
      const page = this.page(this.from(after))
      if (page instanceof Promise) return page.then(read => this.#finish(request.key, print, effect, read))
      return this.#finish(request.key, print, effect, page)
    }
    const refuse = async (error: unknown): Promise<never> => {
      await this.#recordError(request.key, print, error)
      throw error
    }
    try {
      const effect = run(base, () => (manner.notification ? undefined : this.from(after)))
      return effect instanceof Promise ? effect.then(finish, refuse) : finish(effect)
    } catch (error) {
      return refuse(error)
    }
  }

  #finish(key: string | undefined, print: string, effect: Effect, page: MessagePage | undefined): CallResult {
    const { result, draftEvent, sent } = effect
    const to = page?.through ?? this.#state.cursor
    // A notification is told nothing: whoever asks again is told where its message lies, as the room's own record has it.
    const told = sent && !page ? throughOf(sent.message) : to
    const from = page?.messages[0] ? Math.min(page.messages[0].seq - 1, told) : told
    const kept = key === undefined ? undefined : idempotencyRecordOf(key, print, result, from, told, page)
    if (sent) {
      const { push, message } = sent
      // A notification moves no cursor, whatever it claims to know.
      const through = sent.ahead ? message.seq : page ? throughOf(message) : this.#state.cursor
      this.#state = evolveSession(this.#state, { type: 'sent', push, through, ...(kept && { kept }) })
      this.markShown(message.seq)
    }
    const given = page && page.through > this.#state.cursor ? page.through : undefined
    // What follows from the room's own record is not written down a second time.
    const derived =
      sent !== undefined &&
      (sent.ahead !== undefined || (from === told && told === throughOf(sent.message) && !page?.more && !page?.missed))
    const written = this.#persist(draftEvent, given, derived ? undefined : kept)
    if (page) this.markShown(page.through)
    return { answer: answerOf(result, page?.messages ?? [], to, page?.more, page?.missed), persisted: written }
  }

  /** Errors are answers too, but for those that say: try again. */
  #recordError(key: string | undefined, print: string, error: unknown): Promise<void> | undefined {
    if (key === undefined || !isMidsentenceError(error) || error === this.#ended) return undefined
    const { code, message, data } = error
    if (code === 'rate-limited' || code === 'unavailable' || code === 'internal') return undefined
    const outcome: CallOutcome = { error: { code, message, data } }
    return this.#persist(undefined, undefined, { key, requestHashes: [print], outcome, from: 0, to: 0 })
  }

  #persist(drafted: DraftEvent | undefined, given?: Seq, kept?: IdempotencyRecord): Promise<void> | undefined {
    if (this.#ended || (!drafted && given === undefined && !kept)) return this.#written
    const fact: Mutable<Extract<SessionFact, { type: 'acted' }>> = { type: 'acted', push: this.#state.pushes + 1 }
    if (drafted) fact.drafted = drafted
    if (given !== undefined) fact.given = given
    if (kept) fact.kept = kept
    this.#state = evolveSession(this.#state, fact)
    this.#written = this.#deps.persist(fact)
    return this.#written
  }

  #findRepeated(key: string, print: string): Promise<unknown> | undefined {
    const going = this.#inFlight.get(key)
    const kept = this.#state.answers.get(key)
    if (!going && !kept) return undefined
    if (going ? going.requestHash !== print : !kept!.requestHashes.includes(print)) {
      throw new MidsentenceError('invalid-params', 'This key was used for another call: make a new key for each.')
    }
    if (!going) return this.#answerAgain(kept!)
    // A notification is told nothing: whoever asks again meanwhile is told what whoever asks later is.
    return going.notification ? going.answer.then(() => this.#answerAgain(this.#state.answers.get(key)!)) : going.answer
  }

  async #answerAgain({ outcome, from, to, more, missed }: IdempotencyRecord): Promise<unknown> {
    if ('error' in outcome) {
      const { code, message, data } = outcome.error
      throw new MidsentenceError(code, message, { data })
    }
    const page = to > from ? await this.page(from) : undefined
    const messages = page?.messages.filter(({ seq }) => seq <= to) ?? []
    return answerOf(outcome.result, messages, to, more, missed)
  }
}

// Objects are made member by member here, not by spreading: in Node.js 20 that gives each a shape of its own, and what
// carries an append costs more than the append.

/** Where a message leaves the cursor of its author: behind itself, unless it crossed something that is still unseen. */
export const throughOf = ({ seq, base = seq - 1, crossed }: Message): Seq => (crossed ? base : seq)

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

function answerBaseOf({ messages, through, more, missed }: MessagePage): Omit<AnswerBase, 'status'> {
  const news: Mutable<Omit<AnswerBase, 'status'>> = { messages, cursor: through }
  if (more) news.more = true
  if (missed) news.missed = missed
  return news
}

/** What a call answers: its result, and the news behind it. */
function answerOf(
  result: Effect['result'],
  messages: readonly Message[],
  cursor: Seq,
  more: boolean | undefined,
  missed: SeqRange | undefined,
): object {
  const answer: Record<string, unknown> = {}
  for (const name in result) answer[name] = result[name]
  answer.messages = messages
  answer.cursor = cursor
  if (more) answer.more = true
  if (missed) answer.missed = missed
  return answer
}

function idempotencyRecordOf(
  key: string,
  print: string,
  result: Effect['result'],
  from: Seq,
  to: Seq,
  page: MessagePage | undefined,
): IdempotencyRecord {
  const kept: Mutable<IdempotencyRecord> = { key, requestHashes: [print], outcome: { result }, from, to }
  if (page?.more) kept.more = true
  if (page?.missed) kept.missed = page.missed
  return kept
}
