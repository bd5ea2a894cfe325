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
import type { SessionState } from '../../session/evolve.ts'
import type { PersistedSession } from '../../session/facts.ts'
import { type RateLimiter, rateLimitedError } from '../access/rate-limit.ts'
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
import type { CallLog, CommittedCall, HostedCall } from './call-log.ts'
import { Checks } from './checks.ts'
import { DraftMirror } from './draft-mirror.ts'
import type { Publisher } from './publisher.ts'
import { requestHash } from './request-hash.ts'
import type { SessionDeps, SessionOwner } from './session-deps.ts'
import { Subscription } from './subscription.ts'

/** The hash of a request without a key: it is never looked up. */
const UNKEYED = ''

/** A session of a room, with the actions of the protocol. */
export class Session implements HubSession {
  readonly room: Room
  readonly subscriptions = new Set<Subscription>()
  readonly #callLog: CallLog
  readonly #publisher: Publisher
  readonly #checks: Checks
  readonly #mirror: DraftMirror
  readonly #clock: Clock
  readonly #owner: SessionOwner<Session>
  readonly #monitor: Monitor
  readonly #rateLimiter: RateLimiter | undefined
  readonly #writeSnapshot: SessionDeps<Session>['writeSnapshot']
  #joinResult: JoinResult
  #persisted: PersistedSession
  readonly secret: string | undefined
  readonly legacy: boolean
  /** When it was last active, on the monotonic clock. */
  last: number
  /** When its access ends, on the monotonic clock. */
  until: number
  /** It was shown as away: no stream and no call for a while. */
  away: true | undefined
  /** False until its first call or stream after the join. */
  used = false
  #activeCalls = 0
  #leaving: Promise<void> | undefined

  constructor(deps: SessionDeps<Session>) {
    const { joinResult, room, callLog, publisher, clock, owner, secret, legacy } = deps
    this.#persisted = deps.persisted
    this.#writeSnapshot = deps.writeSnapshot
    this.secret = secret
    this.legacy = legacy === true
    this.#monitor = deps.monitor
    this.#rateLimiter = deps.rateLimiter
    this.#joinResult = joinResult
    this.room = room
    this.#callLog = callLog
    this.#publisher = publisher
    this.#clock = clock
    this.until = this.#untilOf(deps.persisted)
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

  get state(): SessionState {
    return this.#callLog.state
  }

  /** Sets the end of access, in milliseconds since 1970. Resolves once it is durable. */
  async extend(until: number | undefined): Promise<void> {
    if (until === this.#persisted.until) return
    const { until: _, ...persisted } = this.#persisted
    this.#persisted = until === undefined ? persisted : { ...persisted, until }
    this.until = this.#untilOf(this.#persisted)
    await this.#writeSnapshot()
  }

  #untilOf({ until = Number.POSITIVE_INFINITY }: PersistedSession): number {
    return until - this.#clock.now() + this.#clock.monotonic()
  }

  /** Sets the token: after a restart it is known only when a caller brings it. */
  connectWith(token: string): void {
    if (this.#joinResult.token !== token) this.#joinResult = { ...this.#joinResult, token }
  }

  /** Tells whether a check waits for messages. */
  get isChecking(): boolean {
    return this.#checks.isWaiting
  }

  /** Tells whether it has a stream or a call in progress. */
  get isBusy(): boolean {
    return this.subscriptions.size > 0 || this.#activeCalls > 0
  }

  /** The draft as observers see it: the hosted one, or else the copy of the one its author keeps. */
  get visibleDraft(): Draft {
    return this.#callLog.state.draft.head ? this.#callLog.state.draft : this.#mirror.draft
  }

  snapshotCursor(): CursorSnapshot {
    return this.#callLog.snapshotCursor()
  }

  append(request: AppendRequest, options: CallOptions = {}): Promise<AppendAnswer> {
    const hash = request.key === undefined ? UNKEYED : requestHash('append', request.text)
    return this.#whileActive(() => {
      this.#takeRate()
      const call = this.#callLog.begin<AppendAnswer>(request, options, hash)
      return call.run(() => {
        const { events, status, suffix, accepted, dropped } = append(
          this.#callLog.state.draft,
          request.text,
          call.base,
          this.room.limits,
        )
        return this.#commitDraft(call, events, { status, suffix, accepted, dropped })
      })
    })
  }

  undo(request: KeyedRequest = {}, options: CallOptions = {}): Promise<DraftAnswer> {
    return this.#changeDraft(request, options, 'undo', undo)
  }

  reset(request: KeyedRequest = {}, options: CallOptions = {}): Promise<DraftAnswer> {
    return this.#changeDraft(request, options, 'reset', reset)
  }

  preview({ after }: ActionRequest = {}, options: CallOptions = {}): Promise<PreviewAnswer> {
    return this.#whileActive(() => {
      this.#takeRate()
      const call = this.#callLog.begin<PreviewAnswer>(after === undefined ? {} : { after }, options, UNKEYED)
      return call.run(() => {
        const { draft } = this.#callLog.state
        const segments = segmentsOf(draft).map(({ length, base }) => ({ length, base }))
        const result = { status: 1, draft: textOf(draft), length: draft.length, segments, suffix: suffixOf(draft) }
        return call.commit({ result })
      })
    })
  }

  push(request: PushRequest = {}, options: CallOptions = {}): Promise<PushAnswer> {
    const hash = request.key === undefined ? UNKEYED : requestHash('push', request.meta ?? null)
    return this.#whileActive(() => {
      const call = this.#callLog.begin<PushAnswer>(request, options, hash)
      return call.run(() => {
        const push = () => this.#publisher.push(call, this.#callLog.state, request)
        return this.#callLog.written?.then(push) ?? push()
      })
    }).then(answer => this.#pushed(answer))
  }

  publish(request: PublishMessageRequest, options: CallOptions = {}): Promise<PushAnswer> {
    const { content, meta = null, base } = request
    const hash = requestHash('publish', content, meta)
    return this.#whileActive(() => {
      const call = this.#callLog.begin<PushAnswer>(request, options, hash, base)
      return call.run(() => this.#publisher.publish(call, request))
    })
  }

  sendUnconditionally(content: string): Promise<SentAnswer> {
    return this.#whileActive(() => {
      const call = this.#callLog.begin<SentAnswer>({}, { notification: true }, UNKEYED)
      return call.run(() => this.#publisher.sendUnconditionally(call, content, this.#callLog.state.cursor))
    })
  }

  check(request: CheckRequest = {}, options: CallOptions = {}): Promise<CheckAnswer> {
    return this.#whileActive(() => {
      this.#takeRate()
      return this.#checks.check(request, options)
    })
  }

  async resume(): Promise<ResumeResult> {
    this.#callLog.assertOpen()
    this.#takeRate()
    this.#markActive()
    const { cursor, draft } = this.#callLog.state
    const result = { ...this.joinResult, cursor, suffix: suffixOf(draft) }
    await this.#callLog.written
    return result
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

  /** Ends the session. Its calls fail with `error`. Resolves once the end is durable. */
  async end(error: MidsentenceError): Promise<void> {
    this.fail(error)
    this.room.decide({ type: 'leave', session: this.#id })
    await this.#owner.left(this, error.message)
  }

  /** Refuses calls from now on with `error`, and ends streams and a waiting check. */
  fail(error: MidsentenceError): void {
    this.#callLog.end(error)
    this.#publisher.end(error)
    this.stop(error.message)
  }

  /** Ends its streams, and its waiting check with status 0. */
  stop(reason: string): void {
    this.#checks.end()
    for (const subscription of [...this.subscriptions]) subscription.end(reason)
  }

  showDraft(facts: readonly DraftEvent[], rev: number): void {
    this.#callLog.assertOpen()
    this.#takeRate()
    this.#markActive()
    if (!this.room.access.observable) return
    const change = this.#mirror.apply(facts, rev)
    if (change) this.#owner.draftChanged(this, change.events, change.whole)
  }

  async subscribe(listener: RoomListener, after?: Seq): Promise<RoomSubscription> {
    this.#callLog.assertOpen()
    this.#callLog.checkCursor(after, this.snapshotCursor())
    this.#takeRate()
    this.#markActive()
    const subscription = new Subscription({
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
        this.subscriptions.delete(subscription)
        this.#markIdle()
      },
    })
    this.subscriptions.add(subscription)
    this.#markActive()
    return subscription
  }

  /** Lets a waiting check give new messages. */
  notify(): void {
    this.#checks.notify()
  }

  get #id(): string {
    return this.joinResult.session_id
  }

  #changeDraft(
    request: KeyedRequest,
    options: CallOptions,
    name: 'undo' | 'reset',
    change: typeof undo,
  ): Promise<DraftAnswer> {
    return this.#whileActive(() => {
      this.#takeRate()
      const call = this.#callLog.begin<DraftAnswer>(request, options, name)
      return call.run(() => {
        const { events, status, suffix } = change(this.#callLog.state.draft)
        return this.#commitDraft(call, events, { status, suffix })
      })
    })
  }

  #commitDraft(
    call: HostedCall<unknown>,
    [draftEvent]: readonly DraftEvent[],
    result: Readonly<Record<string, unknown>>,
  ): CommittedCall | Promise<CommittedCall> {
    if (draftEvent && this.room.access.observable) {
      // Show the draft after the change.
      queueMicrotask(() => this.#owner.draftChanged(this, [draftEvent], false))
    }
    return call.commit({ result, draftEvent })
  }

  /** Throws `rate-limited` above the rate. Pushes are limited later, after their parameters are checked. */
  #takeRate(): void {
    const wait = this.#rateLimiter?.take(this.#clock.monotonic()) ?? 0
    if (wait === 0) return
    this.#monitor.refused('rate', this.room.name)
    throw rateLimitedError(wait)
  }

  /** Keeps the session active as long as `call` lasts. */
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

  #pushed(answer: PushAnswer): PushAnswer {
    if (answer.status === 1 && this.room.access.observable)
      this.#owner.draftChanged(this, eventsOf(this.visibleDraft), true)
    return answer
  }
}
