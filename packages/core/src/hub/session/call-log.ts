import type { DraftEvent } from '../../draft/events.ts'
import { isMidsentenceError, MidsentenceError } from '../../errors.ts'
import type { AnswerBase } from '../../machine/answers.ts'
import { throughOf } from '../../room/crossed.ts'
import type { Message, Seq } from '../../room/message.ts'
import { evolveSession, type SessionState } from '../../session/evolve.ts'
import type { CallOutcome, IdempotencyRecord, SessionFact } from '../../session/facts.ts'
import type { CallOptions, CursorSnapshot, KeyedRequest } from '../requests.ts'
import type { MessagePage } from '../room/message-window.ts'
import type { Room } from '../room/room.ts'
import { type Assignable, answerBaseOf, answerOf, idempotencyRecordOf } from './answers.ts'
import { SerialQueue } from './serial-queue.ts'

/** What a call did, before the messages of its answer are known. */
export interface Effect {
  /** What it answers besides messages and cursor. Belongs to this answer alone. */
  readonly result: Readonly<Record<string, unknown>>
  readonly draftEvent?: DraftEvent | undefined
  /** A push that was sent: its number (0 for a publish), and the message it became. */
  readonly sent?: {
    readonly push: number
    readonly message: Message
    /** The messages of the answer, where the record in the room log tells them. Else they are read, and recorded. */
    readonly unseen: readonly Message[] | undefined
  }
}

/** An answer that may be given once `persisted` resolves; undefined: at once. */
export interface CommittedCall {
  readonly answer: unknown
  readonly persisted: Promise<void> | undefined
}

/** One call: begun when it arrives, run in turn, and committed with what it did. */
export class HostedCall<A> {
  readonly options: CallOptions
  readonly key: string | undefined
  readonly requestHash: string
  readonly after: Seq | undefined
  /** The answer, where the same call was made before. */
  readonly repeated: Promise<A> | undefined
  /** What the caller knew: a push is judged by it, and a segment remembers it. Valid once the call runs. */
  base: Seq
  readonly #log: CallLog

  constructor(
    log: CallLog,
    request: KeyedRequest,
    options: CallOptions,
    requestHash: string,
    after: Seq | undefined,
    base: Seq,
    repeated: Promise<A> | undefined,
  ) {
    this.#log = log
    this.options = options
    this.key = request.key
    this.requestHash = requestHash
    this.after = after
    this.base = base
    this.repeated = repeated
  }

  /** Runs `action` in turn, unless the call is repeated. Resolves with the answer once it is durable. */
  run(action: () => CommittedCall | Promise<CommittedCall>): Promise<A> {
    return this.repeated ?? this.#log.run(this, action)
  }

  /** Adds unseen messages to what the call did, and records all of it as one fact. */
  commit(effect: Effect): CommittedCall | Promise<CommittedCall> {
    return this.#log.commit(this, effect)
  }

  /** Where the messages of the answer begin, if that is known already. */
  readFrom(): Seq | undefined {
    return this.#log.readFrom(this)
  }
}

export interface CallLogDeps {
  readonly session_id: string
  readonly room: Room
  readonly state: SessionState
  /** The session is shown only what is above this seq. */
  readonly readable: Seq
  /** Messages up to here were said before the join: they count as read. */
  readonly head: Seq
  /** The highest seq this session was shown. */
  readonly shown: Seq
  /** Writes a fact. Answers wait for it. Undefined where the session is not kept. */
  persist(fact: SessionFact): Promise<void> | undefined
}

/** A call with a key that is not answered yet. */
interface InFlightCall {
  readonly requestHash: string
  readonly answer: Promise<unknown>
  readonly notification: boolean
}

/** The calls of a session: runs one after another, writes each as one fact, and answers repeated ones as the first time. */
export class CallLog {
  readonly queue = new SerialQueue()
  /** The newest check. Its answer may give messages at any time, while it waits. */
  check: { readonly isWaiting: boolean } | undefined
  /** The new name of the session, until an answer has told it. */
  renamed: string | undefined
  readonly #deps: CallLogDeps
  readonly #inFlight = new Map<string, InFlightCall>()
  #state: SessionState
  #shown: Seq
  #ended: MidsentenceError | undefined
  #written: Promise<void> | undefined

  constructor(deps: CallLogDeps) {
    this.#deps = deps
    this.#state = deps.state
    this.#shown = Math.max(deps.shown, deps.state.cursor)
  }

  get state(): SessionState {
    return this.#state
  }

  /**
   * Resolves once all earlier facts are durable; undefined where there are none. A message waits for it: if a crash kept
   * the message and lost an append it is made of, repeating that append would find an empty draft.
   */
  get written(): Promise<void> | undefined {
    return this.#written
  }

  snapshotCursor(): CursorSnapshot {
    return { cursor: this.#state.cursor, shown: this.#shown }
  }

  /** Moves the cursor to `seq`, for a session that reads by streams alone. */
  advanceTo(seq: Seq): void {
    this.#state = evolveSession(this.#state, { type: 'acted', push: this.#state.pushes + 1, given: seq })
  }

  /** Records that a stream showed everything up to `seq`. */
  markShown(seq: Seq): void {
    this.#shown = Math.max(this.#shown, seq)
  }

  /** Refuses calls from now on, also those in the queue. */
  end(error: MidsentenceError): void {
    this.#ended ??= error
  }

  assertOpen(): void {
    if (this.#ended) throw this.#ended
  }

  /** Rejects a cursor above what the session was shown: accepting it would bypass holds. */
  checkCursor(cursor: Seq | undefined, { shown }: CursorSnapshot): void {
    if (cursor === undefined || cursor <= shown) return
    throw new MidsentenceError(
      'invalid-params',
      `You were given messages up to ${shown}, not up to ${cursor}: pass the cursor of the last answer you read.`,
    )
  }

  /** The seq after which a caller that passes `after`, or nothing, is given messages. */
  from(after: Seq | undefined): Seq {
    return after === undefined ? this.#state.cursor : Math.max(after, this.#deps.readable)
  }

  #baseOf(cursor: Seq): Seq {
    return Math.max(cursor, this.#deps.head)
  }

  page(from: Seq): MessagePage | Promise<MessagePage> {
    return this.#deps.room.reader.page(this.#deps.session_id, from)
  }

  /** Gives a page: moves the cursor over it. Await `persisted` before you answer. */
  deliver(page: MessagePage): {
    readonly base: Omit<AnswerBase, 'status'>
    readonly persisted: Promise<void> | undefined
  } {
    const persisted = page.through > this.#state.cursor ? this.#persist(undefined, page.through) : this.#written
    this.markShown(page.through)
    return { base: answerBaseOf(page, this.#takeRenamed()), persisted }
  }

  /** Takes a call in. `base` is a cursor of the caller besides `after`. Throws if the call is not allowed. */
  begin<A extends AnswerBase>(
    request: KeyedRequest,
    options: CallOptions,
    requestHash: string,
    base?: Seq,
  ): HostedCall<A> {
    this.assertOpen()
    const { key, after = base } = request
    const repeated = key === undefined ? undefined : (this.#findRepeated(key, requestHash) as Promise<A> | undefined)
    const snapshot = options.cursorSnapshot ?? this.snapshotCursor()
    if (!repeated) {
      this.checkCursor(after, snapshot)
      this.checkCursor(base, snapshot)
    }
    return new HostedCall<A>(this, request, options, requestHash, after, this.#baseOf(snapshot.cursor), repeated)
  }

  run<A>(call: HostedCall<A>, action: () => CommittedCall | Promise<CommittedCall>): Promise<A> {
    const { key, requestHash, options } = call
    const running: Promise<CommittedCall> = options.concurrent
      ? new Promise(resolve => resolve(this.#execute(call, action)))
      : this.queue.run(() => this.#execute(call, action))
    const answer = running.then(answerOncePersisted) as Promise<A>
    if (key !== undefined) {
      this.#inFlight.set(key, { requestHash, answer, notification: options.notification === true })
      const done = () => this.#inFlight.delete(key)
      answer.then(done, done)
    }
    return answer
  }

  commit(call: HostedCall<unknown>, effect: Effect): CommittedCall | Promise<CommittedCall> {
    if (call.options.notification) return this.#commit(call, effect, undefined)
    const { unseen, message } = effect.sent ?? {}
    if (unseen) return this.#commit(call, effect, { messages: unseen, through: message!.seq, more: false })
    const page = this.page(this.from(call.after))
    if (!(page instanceof Promise)) return this.#commit(call, effect, page)
    return page.then(
      read => this.#commit(call, effect, read),
      error => {
        if (!effect.sent) throw error
        // The message is in the room, whether or not older ones can be read: the next call gives them.
        return this.#commit(call, effect, { messages: [], through: this.from(call.after), more: true })
      },
    )
  }

  readFrom(call: HostedCall<unknown>): Seq | undefined {
    return call.options.notification || this.check?.isWaiting ? undefined : this.from(call.after)
  }

  #execute(
    call: HostedCall<unknown>,
    action: () => CommittedCall | Promise<CommittedCall>,
  ): CommittedCall | Promise<CommittedCall> {
    this.assertOpen()
    if (call.after !== undefined) call.base = this.#baseOf(this.from(call.after))
    try {
      const committed = action()
      return committed instanceof Promise ? committed.catch(error => this.#refuse(call, error)) : committed
    } catch (error) {
      return this.#refuse(call, error)
    }
  }

  #commit(
    call: HostedCall<unknown>,
    { result, draftEvent, sent }: Effect,
    page: MessagePage | undefined,
  ): CommittedCall {
    const { key, requestHash } = call
    const cursor = page?.through ?? this.#state.cursor
    // The answer of a notification is not given. A call that repeats it is answered from the room's record.
    const to = sent && !page ? throughOf(sent.message) : cursor
    const from = page?.messages[0] ? Math.min(page.messages[0].seq - 1, to) : to
    const renamed = page && this.#takeRenamed()
    const record =
      key === undefined ? undefined : idempotencyRecordOf(key, requestHash, result, from, to, page, renamed)
    if (sent) {
      const { push, message, unseen } = sent
      // A notification moves no cursor.
      const through = unseen ? message.seq : page ? throughOf(message) : this.#state.cursor
      const fact: Assignable<Extract<SessionFact, { type: 'sent' }>> = { type: 'sent', push, through }
      if (record) fact.kept = record
      this.#state = evolveSession(this.#state, fact)
      this.markShown(message.seq)
    }
    const given = page && page.through > this.#state.cursor ? page.through : undefined
    // The room log has it already, where nothing but the message itself was given.
    const derived =
      sent !== undefined &&
      renamed === undefined &&
      (sent.unseen !== undefined || (from === to && to === throughOf(sent.message) && !page?.more && !page?.missed))
    const persisted = this.#persist(draftEvent, given, derived ? undefined : record)
    if (page) this.markShown(page.through)
    return { answer: answerOf(result, page?.messages ?? [], cursor, page?.more, page?.missed, renamed), persisted }
  }

  #takeRenamed(): string | undefined {
    const { renamed } = this
    this.renamed = undefined
    return renamed
  }

  async #refuse(call: HostedCall<unknown>, error: unknown): Promise<never> {
    await this.#recordError(call, error)
    throw error
  }

  /** Records an error as the answer of the call, unless the same call may succeed later. */
  #recordError({ key, requestHash }: HostedCall<unknown>, error: unknown): Promise<void> | undefined {
    if (key === undefined || !isMidsentenceError(error) || error === this.#ended) return undefined
    const { code, message, data } = error
    if (code === 'rate-limited' || code === 'unavailable' || code === 'internal') return undefined
    const outcome: CallOutcome = { error: { code, message, data } }
    return this.#persist(undefined, undefined, { key, requestHashes: [requestHash], outcome, from: 0, to: 0 })
  }

  #persist(draftEvent: DraftEvent | undefined, given?: Seq, record?: IdempotencyRecord): Promise<void> | undefined {
    if (this.#ended || (!draftEvent && given === undefined && !record)) return this.#written
    const fact: Assignable<Extract<SessionFact, { type: 'acted' }>> = { type: 'acted', push: this.#state.pushes + 1 }
    if (draftEvent) fact.drafted = draftEvent
    if (given !== undefined) fact.given = given
    if (record) fact.kept = record
    this.#state = evolveSession(this.#state, fact)
    this.#written = this.#deps.persist(fact)
    return this.#written
  }

  #findRepeated(key: string, requestHash: string): Promise<unknown> | undefined {
    const inFlight = this.#inFlight.get(key)
    const record = this.#state.answers.get(key)
    if (!inFlight && !record) return undefined
    if (inFlight ? inFlight.requestHash !== requestHash : !record!.requestHashes.includes(requestHash)) {
      throw new MidsentenceError('invalid-params', 'This key was used for another call: make a new key for each.')
    }
    if (!inFlight) return this.#answerAgain(record!)
    // A notification has no answer: wait for its record.
    return inFlight.notification
      ? inFlight.answer.then(() => this.#answerAgain(this.#state.answers.get(key)!))
      : inFlight.answer
  }

  async #answerAgain({ outcome, from, to, more, missed, renamed }: IdempotencyRecord): Promise<unknown> {
    if ('error' in outcome) {
      const { code, message, data } = outcome.error
      throw new MidsentenceError(code, message, { data })
    }
    const page = to > from ? await this.page(from) : undefined
    const messages = page?.messages.filter(({ seq }) => seq <= to) ?? []
    // Retention may have removed messages since.
    const lost = page?.missed && { from: (missed ?? page.missed).from, to: Math.min(page.missed.to, to) }
    return answerOf(outcome.result, messages, to, more, lost ?? missed, renamed)
  }
}

/** Not a closure: each call would make its own. */
const answerOncePersisted = ({ answer, persisted }: CommittedCall): unknown =>
  persisted ? persisted.then(() => answer) : answer
