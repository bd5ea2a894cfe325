import { append, reset, undo } from '../../draft/decide.ts'
import type { DraftEvent } from '../../draft/events.ts'
import { type Draft, eventsOf, segmentsOf, textOf } from '../../draft/evolve.ts'
import { suffixOf } from '../../draft/suffix.ts'
import type { MidsentenceError } from '../../errors.ts'
import type {
  AppendAnswer,
  CheckAnswer,
  DraftAnswer,
  PreviewAnswer,
  PushAnswer,
  SentAnswer,
} from '../../machine/answers.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Monitor } from '../../ports/monitor.ts'
import type { Seq } from '../../room/message.ts'
import type { PersistedSession } from '../../session/facts.ts'
import type { RateLimiter } from '../access/rate-limit.ts'
import type { HubSession } from '../hub-api.ts'
import type {
  ActionRequest,
  AppendRequest,
  CallOptions,
  CheckRequest,
  CursorSnapshot,
  JoinResult,
  KeyedRequest,
  PublishMessageRequest,
  PushRequest,
  ResumeResult,
  RoomListener,
  RoomSubscription,
  WhoResult,
} from '../requests.ts'
import { type Room, sessionLeftError } from '../room/room.ts'
import type { CallLog, Handler } from './call-log.ts'
import { Checks } from './checks.ts'
import { DraftMirror } from './draft-mirror.ts'
import { type PublishCursor, type Publisher, rateLimitedError } from './publisher.ts'
import { requestHash } from './request-hash.ts'
import type { SessionDeps, SessionOwner } from './session-deps.ts'
import { Subscription } from './subscription.ts'

/** What has no key is never asked for again: nobody looks at its print. */
const UNKEYED = ''

/** A session: the actions of the protocol, for one whose draft is hosted, and for one who keeps it. */
export class Session implements HubSession {
  readonly room: Room
  readonly subscriptions = new Set<Subscription>()
  readonly #callLog: CallLog
  readonly #publisher: Publisher
  readonly #checks: Checks
  readonly #mirror: DraftMirror
  readonly #clock: Clock
  readonly #owner: SessionOwner
  readonly #monitor: Monitor
  readonly #rateLimiter: RateLimiter | undefined
  readonly #writeSnapshot: SessionDeps['writeSnapshot']
  #joinResult: JoinResult
  #persisted: PersistedSession
  readonly secret: string | undefined
  readonly legacy: boolean
  /** When it last did something, on the monotonic clock. */
  last: number
  /** When its leave to be here ends, on the monotonic clock. */
  until: number
  /** Neither stream nor call for a while: everybody was told. */
  away: true | undefined
  /** False until its first sign of life after the join. */
  used = false
  #activeCalls = 0
  #leaving: Promise<void> | undefined

  constructor(parts: SessionDeps) {
    const { joinResult, room, callLog, publisher, clock, owner, secret, legacy } = parts
    this.#persisted = parts.persisted
    this.#writeSnapshot = parts.writeSnapshot
    this.secret = secret
    this.legacy = legacy === true
    this.#monitor = parts.monitor
    this.#rateLimiter = parts.rateLimiter
    this.#joinResult = joinResult
    this.room = room
    this.#callLog = callLog
    this.#publisher = publisher
    this.#clock = clock
    this.until = this.#untilOf(parts.persisted)
    this.#owner = owner
    this.#checks = new Checks(this.#id, room, callLog, clock)
    this.#mirror = new DraftMirror(room.limits.draft)
    this.last = clock.monotonic()
  }

  get joinResult(): JoinResult {
    return this.#joinResult
  }

  get persisted(): PersistedSession {
    return this.#persisted
  }

  /** Its leave to be here ends at `until`, in milliseconds since 1970. Resolves once that is written. */
  async extend(until: number | undefined): Promise<void> {
    if (until === this.#persisted.until) return
    const { until: _, ...kept } = this.#persisted
    this.#persisted = until === undefined ? kept : { ...kept, until }
    this.until = this.#untilOf(this.#persisted)
    await this.#writeSnapshot()
  }

  #untilOf({ until = Number.POSITIVE_INFINITY }: PersistedSession): number {
    return until - this.#clock.now() + this.#clock.monotonic()
  }

  /** Its token, which is not known after a restart until somebody comes by it. */
  connectWith(token: string): void {
    if (this.#joinResult.token !== token) this.#joinResult = { ...this.#joinResult, token }
  }

  /** Does a check of it wait? */
  get isChecking(): boolean {
    return this.#checks.waits
  }

  /** Is there a stream or a call of it just now? */
  get isBusy(): boolean {
    return this.subscriptions.size > 0 || this.#activeCalls > 0
  }

  /** The draft as observers see it: hosted, or what its author showed of its own. */
  get visibleDraft(): Draft {
    return this.#callLog.state.draft.head ? this.#callLog.state.draft : this.#mirror.draft
  }

  snapshotCursor(): CursorSnapshot {
    return this.#callLog.snapshotCursor()
  }

  append(request: AppendRequest, manner: CallOptions = {}): Promise<AppendAnswer> {
    const print = request.key === undefined ? UNKEYED : requestHash('append', request.text)
    return this.#runLimited<AppendAnswer>(request, manner, print, base => {
      const change = append(this.#callLog.state.draft, request.text, base, this.room.limits)
      const { status, suffix, accepted, dropped } = change
      return this.#drafted(change.events, { status, suffix, accepted, dropped })
    })
  }

  undo(request: KeyedRequest = {}, manner: CallOptions = {}): Promise<DraftAnswer> {
    return this.#runLimited<DraftAnswer>(request, manner, 'undo', () => {
      const { events, status, suffix } = undo(this.#callLog.state.draft)
      return this.#drafted(events, { status, suffix })
    })
  }

  reset(request: KeyedRequest = {}, manner: CallOptions = {}): Promise<DraftAnswer> {
    return this.#runLimited<DraftAnswer>(request, manner, 'reset', () => {
      const { events, status, suffix } = reset(this.#callLog.state.draft)
      return this.#drafted(events, { status, suffix })
    })
  }

  preview(request: ActionRequest = {}, manner: CallOptions = {}): Promise<PreviewAnswer> {
    return this.#runLimited<PreviewAnswer>({ ...withAfter(request) }, manner, 'preview', () => {
      const { draft } = this.#callLog.state
      const segments = segmentsOf(draft).map(({ length, base }) => ({ length, base }))
      return {
        result: { status: 1, draft: textOf(draft), length: draft.length, segments, suffix: suffixOf(draft) },
      }
    })
  }

  push(request: PushRequest = {}, manner: CallOptions = {}): Promise<PushAnswer> {
    const { meta = null } = request
    const book = this.#callLog
    const run: Handler = (base, reads) => {
      const push = () => this.#publisher.push(book.state, request, this.#publishCursor(base, reads), manner)
      return book.written?.then(push) ?? push()
    }
    const print = request.key === undefined ? UNKEYED : requestHash('push', meta)
    return this.#run<PushAnswer>(request, manner, print, run).then(answer => this.#pushed(answer))
  }

  publish(request: PublishMessageRequest, manner: CallOptions = {}): Promise<PushAnswer> {
    const { content, meta = null } = request
    const { base } = request
    const print = requestHash('publish', content, meta)
    const run: Handler = (judgedBy, reads) =>
      this.#publisher.publish(request, this.#publishCursor(judgedBy, reads), manner)
    return this.#whileActive(() =>
      this.#callLog.run<PushAnswer>({ request, options: manner, requestHash: print, base, handler: run }),
    )
  }

  sendUnconditionally(content: string): Promise<SentAnswer> {
    return this.#run<SentAnswer>({}, { notification: true }, '', () =>
      this.#publisher.sendUnconditionally(content, this.#callLog.state.cursor),
    )
  }

  check(request: CheckRequest = {}, manner: CallOptions = {}): Promise<CheckAnswer> {
    return this.#whileActive(() => {
      this.#takeRate()
      return this.#checks.check(request, manner)
    })
  }

  async resume(): Promise<ResumeResult> {
    this.#callLog.assertOpen()
    this.#takeRate()
    this.#markActive()
    const { cursor, draft } = this.#callLog.state
    const told = { ...this.joinResult, cursor, suffix: suffixOf(draft) }
    await this.#callLog.written
    return told
  }

  who(): WhoResult {
    this.#callLog.assertOpen()
    this.#takeRate()
    this.#markActive()
    return this.#owner.who(this.room)
  }

  yield(): boolean {
    this.#callLog.assertOpen()
    this.#takeRate()
    this.#markActive()
    const { session_id } = this.joinResult
    const had = this.room.state.floor?.session === session_id
    this.room.decide({ type: 'yield', session: session_id })
    return had
  }

  leave(): Promise<void> {
    this.#leaving ??= this.end(sessionLeftError())
    return this.#leaving
  }

  /** Takes it out of its room, with the reason that its calls end with. */
  async end(error: MidsentenceError): Promise<void> {
    this.fail(error)
    this.room.decide({ type: 'leave', session: this.#id })
    await this.#owner.left(this, error.message)
  }

  /** Refuses everything from now on: what it came to is not known. */
  fail(error: MidsentenceError): void {
    this.#callLog.end(error)
    this.#publisher.end(error)
    this.stop(error.message)
  }

  /** Ends its waiting check, with 0, and its streams. */
  stop(reason: string): void {
    this.#checks.end()
    for (const ear of [...this.subscriptions]) ear.end(reason)
  }

  showDraft(facts: readonly DraftEvent[], rev: number): void {
    this.#callLog.assertOpen()
    this.#takeRate()
    this.#markActive()
    if (!this.room.access.observable) return
    const news = this.#mirror.apply(facts, rev)
    if (news) this.#owner.draftChanged(this, news.facts, news.whole)
  }

  async subscribe(listener: RoomListener, after?: Seq): Promise<RoomSubscription> {
    this.#callLog.assertOpen()
    this.#callLog.checkCursor(after, this.snapshotCursor())
    this.#takeRate()
    this.#markActive()
    const ear = new Subscription({
      room: this.room,
      listener,
      monitor: this.#monitor,
      after: this.#callLog.from(after),
      delivered: seq => {
        this.#callLog.markShown(seq)
        if (this.#publisher.ignoresHolds) this.#callLog.advanceTo(seq)
      },
      begins: () => {
        for (const { sender_id, away } of this.#owner.who(this.room).participants) {
          if (!away) listener.presence(sender_id, true)
        }
      },
      closed: () => {
        this.subscriptions.delete(ear)
        this.#markIdle()
      },
    })
    this.subscriptions.add(ear)
    this.#markActive()
    return ear
  }

  /** New messages are there: a waiting check gives them. */
  notify(): void {
    this.#checks.notify()
  }

  get #id(): string {
    return this.joinResult.session_id
  }

  /** An action that counts against the session's rate. What speaks counts where it is judged, behind its parameters. */
  #runLimited<A extends AppendAnswer | DraftAnswer | PreviewAnswer>(
    request: KeyedRequest,
    manner: CallOptions,
    print: string,
    run: Handler,
  ): Promise<A> {
    return this.#whileActive(() => {
      this.#takeRate()
      return this.#callLog.run<A>({ request, options: manner, requestHash: print, handler: run })
    })
  }

  /** Throws `rate-limited` where it asks for too much. */
  #takeRate(): void {
    const wait = this.#rateLimiter?.take(this.#clock.monotonic()) ?? 0
    if (wait === 0) return
    this.#monitor.refused('rate', this.room.name)
    throw rateLimitedError(wait)
  }

  #run<A extends PushAnswer | SentAnswer>(
    request: KeyedRequest,
    manner: CallOptions,
    print: string,
    run: Handler,
  ): Promise<A> {
    return this.#whileActive(() => this.#callLog.run<A>({ request, options: manner, requestHash: print, handler: run }))
  }

  /** A call shows that its caller is here, as long as it lasts. */
  #whileActive<A>(call: () => Promise<A>): Promise<A> {
    this.#activeCalls++
    this.#markActive()
    try {
      return call().then(
        answer => {
          this.#callEnded()
          return answer
        },
        error => {
          this.#callEnded()
          throw error
        },
      )
    } catch (error) {
      this.#callEnded()
      return Promise.reject(error)
    }
  }

  #callEnded(): void {
    this.#activeCalls--
    this.#markIdle()
  }

  #markIdle(): void {
    this.last = this.#clock.monotonic()
    if (!this.isBusy) this.#owner.idle(this)
  }

  #markActive(): void {
    this.used = true
    this.last = this.#clock.monotonic()
    this.#owner.active(this)
  }

  /** A check that waits may give what is said before a message is written: what the answer then gives is not known yet. */
  #publishCursor(base: Seq, reads: () => Seq | undefined): PublishCursor {
    return { base, readFrom: () => (this.#checks.waits ? undefined : reads()) }
  }

  #drafted(events: ReturnType<typeof append>['events'], result: Readonly<Record<string, unknown>>) {
    const [draftEvent] = events
    if (draftEvent && this.room.access.observable) {
      // Told behind the change itself.
      queueMicrotask(() => this.#owner.draftChanged(this, [draftEvent], false))
    }
    return { result, draftEvent }
  }

  #pushed(answer: PushAnswer): PushAnswer {
    if (answer.status === 1 && this.room.access.observable)
      this.#owner.draftChanged(this, eventsOf(this.visibleDraft), true)
    return answer
  }
}

/** Only what an action without effect looks at: it takes no key. */
const withAfter = ({ after }: ActionRequest): ActionRequest => (after === undefined ? {} : { after })
