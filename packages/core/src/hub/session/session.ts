import { append, reset, undo } from '../../draft/decide.ts'
import type { DraftEvent } from '../../draft/events.ts'
import type { Draft } from '../../draft/evolve.ts'
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
import type { Seq } from '../../room/message.ts'
import type { SessionState } from '../../session/evolve.ts'
import type { PersistedSession } from '../../session/facts.ts'
import { requestHash, UNKEYED } from '../../session/request-hash.ts'
import { takeRate } from '../access/rate-limit.ts'
import type { LocalSession } from '../hub-api.ts'
import { roomUnloaded, tooManyCalls } from '../hub-errors.ts'
import type { Deadline } from '../lifetime/deadline-queue.ts'
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
import { previewOf } from './answers.ts'
import type { CallLog, CommittedCall, HostedCall } from './call-log.ts'
import { Checks } from './checks.ts'
import { DraftMirror } from './draft-mirror.ts'
import { PersistedIdentity } from './persisted-identity.ts'
import type { Publisher } from './publisher.ts'
import type { SessionDeps, SessionOwner } from './session-deps.ts'
import { endOldest, Subscription } from './subscription.ts'

/** A session of a room, with the actions of the protocol. */
export class Session implements LocalSession {
  readonly room: Room
  readonly subscriptions = new Set<Subscription>()
  readonly #callLog: CallLog
  readonly #publisher: Publisher
  readonly checks: Checks
  readonly #mirror: DraftMirror
  readonly #clock: Clock
  readonly #owner: SessionOwner<Session>
  readonly #deps: Pick<SessionDeps<Session>, 'monitor' | 'rateLimiter' | 'bounds'>
  joinResult: JoinResult
  readonly identity: PersistedIdentity
  readonly legacy: boolean
  /** When it was last active, on the monotonic clock. */
  last: number
  /** Resolves once its join is durable. */
  joined: Promise<void> | undefined
  /** It was shown as away: no stream and no call for a while. */
  away: true | undefined
  /** False until its first call or stream after the join. */
  used = false
  /** It left memory with its room: get it again by its token. */
  unloaded = false
  /** It has left or was removed, or it has expired. */
  ended = false
  /** When `SessionExpiry` looks at it next. */
  deadline: Deadline<Session> | undefined
  #activeCalls = 0
  #leaving: Promise<void> | undefined

  constructor(deps: SessionDeps<Session>) {
    const { joinResult, room, callLog, publisher, clock, owner, legacy } = deps
    this.#deps = deps
    this.identity = new PersistedIdentity(deps)
    this.legacy = legacy === true
    this.joinResult = joinResult
    this.room = room
    this.#callLog = callLog
    this.#publisher = publisher
    this.#clock = clock
    this.#owner = owner
    this.checks = new Checks(this.#id, room, callLog, clock)
    this.#mirror = new DraftMirror(room.limits)
    this.last = clock.monotonic()
  }

  get state(): SessionState {
    return this.#callLog.state
  }

  /** The session as its log has it. */
  get persisted(): PersistedSession {
    return this.identity.persisted
  }

  /** When its access ends, on the monotonic clock. */
  get until(): number {
    return this.identity.until
  }

  /** Others may take its name and its place, since it was away for a while. */
  get lapsed(): boolean {
    return this.persisted.lapsed === true
  }

  lapse(): void {
    const idle_ms = this.#clock.monotonic() - this.last
    this.identity.changed({ type: 'lapsed', used_at: Math.round(this.#clock.now() - idle_ms) })
  }

  /** Takes a place again. Its next answer says a new name. */
  takePlace(name: string): void {
    if (name !== this.persisted.sender_id) this.#callLog.renamed = name
    this.joinResult = { ...this.joinResult, sender_id: name }
    this.identity.changed({ type: 'returned', sender_id: name })
  }

  /** Lets it go from memory: it goes on from its log. */
  unload(): void {
    this.unloaded = true
    this.fail(roomUnloaded())
  }

  /** Sets the token: after a restart it is known only when a caller brings it. */
  connectWith(token: string): void {
    if (this.joinResult.token !== token) this.joinResult = { ...this.joinResult, token }
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
      takeRate(this.#deps, this.#clock, this.room)
      const call = this.#callLog.begin<AppendAnswer>(request, options, hash)
      return call.run(() => {
        const { draft } = this.#callLog.state
        const { events, status, suffix, accepted, dropped } = append(draft, request.text, call.base, this.room.limits)
        return this.#commitDraft(call, events, { status, suffix, accepted, dropped })
      })
    })
  }

  undo(request: KeyedRequest = {}, options: CallOptions = {}): Promise<DraftAnswer> {
    return this.#changeDraft(request, options, undo)
  }

  reset(request: KeyedRequest = {}, options: CallOptions = {}): Promise<DraftAnswer> {
    return this.#changeDraft(request, options, reset)
  }

  preview({ after }: ActionRequest = {}, options: CallOptions = {}): Promise<PreviewAnswer> {
    return this.#whileActive(() => {
      takeRate(this.#deps, this.#clock, this.room)
      const call = this.#callLog.begin<PreviewAnswer>(after === undefined ? {} : { after }, options, UNKEYED)
      return call.run(() => call.commit({ result: previewOf(this.#callLog.state.draft) }))
    })
  }

  push(request: PushRequest = {}, options: CallOptions = {}): Promise<PushAnswer> {
    const hash = request.key === undefined ? UNKEYED : requestHash('push', request.meta ?? null)
    return this.#whileActive(() => {
      const call = this.#callLog.begin<PushAnswer>(request, options, hash)
      return call.run(() => {
        const push = () => this.#publisher.push(call, this.#callLog.state, request).then(call => this.#pushed(call))
        return this.#callLog.written?.then(push) ?? push()
      })
    })
  }

  publish(request: PublishMessageRequest, options: CallOptions = {}): Promise<PushAnswer> {
    const { content, meta = null, base } = request
    const hash = requestHash('publish', content, meta)
    return this.#whileActive(() => {
      const call = this.#callLog.begin<PushAnswer>(request, options, hash, base)
      return call.run(() => {
        const published = this.#publisher.publish(call, request)
        if (!this.room.access.observable) return published
        return published.then(call => this.#pushed(call, seq => this.#mirror.sent(content.toWellFormed(), seq)))
      })
    })
  }

  sendUnconditionally(content: string): Promise<SentAnswer> {
    return this.#whileActive(() => {
      const call = this.#callLog.begin<SentAnswer>({}, this.#publisher.unconditional, UNKEYED)
      return call.run(() => this.#publisher.sendUnconditionally(call, content, this.#callLog.state.cursor))
    })
  }

  check(request: CheckRequest = {}, options: CallOptions = {}): Promise<CheckAnswer> {
    return this.#whileActive(() => {
      takeRate(this.#deps, this.#clock, this.room)
      return this.checks.check(request, options)
    })
  }

  async resume(): Promise<ResumeResult> {
    this.#begin()
    const { cursor, draft } = this.#callLog.state
    const result = { ...this.joinResult, cursor, suffix: suffixOf(draft) }
    await this.#callLog.written
    return result
  }

  who(): WhoResult {
    this.#begin()
    return this.#owner.who(this.room)
  }

  yield(): boolean {
    this.#begin()
    const had = this.room.state.floor?.session === this.#id
    this.room.decide({ type: 'yield', session: this.#id })
    return had
  }

  hush(on: boolean): boolean {
    this.#begin()
    return this.#owner.hush(this, on)
  }

  charge(points: number): void {
    this.#deps.rateLimiter?.charge(points)
  }

  leave(): Promise<void> {
    this.#leaving ??= this.end(sessionLeftError())
    return this.#leaving
  }

  /** Ends the session. Its calls fail with `error`. Resolves once the end is durable. */
  async end(error: MidsentenceError): Promise<void> {
    this.ended = true
    this.fail(error)
    this.room.withdraw(this.#id, sessionLeftError())
    await this.#owner.left(this, error.message)
  }

  /** Refuses calls from now on with `error`, ends streams, and answers a check with status 0. */
  fail(error: MidsentenceError): void {
    this.#callLog.end(error)
    this.#publisher.end(error)
    this.checks.end()
    this.stop(error.message)
  }

  /** Ends its streams, and its check with status 0 once that has given what is unseen. */
  stop(reason: string): void {
    this.checks.stopWaiting()
    for (const subscription of [...this.subscriptions]) subscription.end(reason)
  }

  showDraft(facts: readonly DraftEvent[], rev: number): void {
    this.#begin()
    const change = this.room.access.observable && this.#mirror.apply(facts, rev)
    if (change) this.#owner.draftChanged(this, change.events, change.whole)
  }

  showWriting(writing: boolean): void {
    this.#begin()
    this.#owner.wrote(this, writing)
  }

  async subscribe(listener: RoomListener, after?: Seq): Promise<RoomSubscription> {
    this.#callLog.assertOpen()
    this.#callLog.checkCursor(after, this.snapshotCursor())
    this.#begin()
    endOldest(this.subscriptions, this.#deps.bounds.streams)
    const subscription = new Subscription({
      room: this.room,
      listener,
      monitor: this.#deps.monitor,
      after: this.#callLog.from(after),
      delivered: seq => {
        this.#callLog.markShown(seq)
        if (this.#publisher.ignoresHolds) this.#callLog.advanceTo(seq)
      },
      begins: () => this.#owner.greet(this.room, listener),
      closed: () => {
        this.subscriptions.delete(subscription)
        this.#markIdle()
      },
    })
    this.subscriptions.add(subscription)
    this.#markActive()
    return subscription
  }

  get #id(): string {
    return this.joinResult.session_id
  }

  #changeDraft(request: KeyedRequest, options: CallOptions, change: typeof undo): Promise<DraftAnswer> {
    return this.#whileActive(() => {
      takeRate(this.#deps, this.#clock, this.room)
      const call = this.#callLog.begin<DraftAnswer>(request, options, change === undo ? 'undo' : 'reset')
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
    if (draftEvent) this.#owner.wrote(this)
    // Show the draft after the change.
    if (draftEvent && this.room.access.observable)
      queueMicrotask(() => this.#owner.draftChanged(this, [draftEvent], false))
    return call.commit({ result, draftEvent })
  }

  /** Begins a call that has no key. Throws if the session has ended or is above its rate. */
  #begin(): void {
    this.#callLog.assertOpen()
    takeRate(this.#deps, this.#clock, this.room)
    this.#markActive()
  }

  /** Keeps the session active as long as `call` lasts. */
  #whileActive<A>(call: () => Promise<A>): Promise<A> {
    this.#activeCalls++
    try {
      this.#callLog.assertOpen()
      if (this.#activeCalls > this.#deps.bounds.calls) throw tooManyCalls(this.#deps.bounds.calls)
      this.#markActive()
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
    if (this.room.access.recorded) this.#owner.answered(this)
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

  /** Shows that the draft became a message, before the next call changes it. */
  #pushed(call: CommittedCall, changes = hostedPush): CommittedCall {
    const { status, seq } = call.answer as Partial<SentAnswer>
    if (status !== 1 || seq === undefined || !this.room.access.observable) return call
    const events = changes(seq)
    if (events) this.#owner.draftChanged(this, events, false)
    return call
  }
}

const hostedPush = (seq: Seq): readonly DraftEvent[] | undefined => [{ type: 'pushed', seq }]
