import { Observable, Subject, type Subscription } from 'rxjs'
import { type Actor, createActor, fromPromise, type InspectionEvent, type SnapshotFrom } from 'xstate'
import type { MidsentenceError } from '../errors.ts'
import type { ParticipantState } from '../participant/evolve.ts'
import type { Cancel, Clock } from '../ports/clock.ts'
import type { Inbound, PublishRequest, Transport } from '../ports/transport.ts'
import type { Floor, Message } from '../room/message.ts'
import type { CheckOptions, PushOptions } from './action-options.ts'
import type { AppendAnswer, CheckAnswer, DraftAnswer, PreviewAnswer, PushAnswer } from './answers.ts'
import type { MachineInput, View } from './context.ts'
import { DraftPublisher } from './draft-publisher.ts'
import { abortError, cannotHush, closedError } from './errors.ts'
import type { CallId, EmittedEvent, ParticipantCommand, ParticipantEvent, TimedVerdict } from './events.ts'
import type { JournalWriter } from './journal-writer.ts'
import { participantChart, viewOf } from './machine.ts'
import type { MessageFeed } from './message-feed.ts'
import { WritingSignal } from './writing-signal.ts'

/** Receives the inspection events of an XState actor. */
export type Inspect = (event: InspectionEvent) => void

interface PendingCall {
  resolve(answer: never): void
  reject(error: unknown): void
}

/** What a `Participant` is made of. */
export interface ParticipantDeps {
  readonly input: MachineInput
  readonly transport: Transport
  readonly clock: Clock
  readonly journalWriter: (failed: (error: MidsentenceError) => void) => JournalWriter
  readonly newKey: () => string
  /** Whether others see when it writes. */
  readonly typingIndicator: boolean
  readonly feed: MessageFeed
  /** Receives the inspection events of the machine's actor. */
  readonly inspect: Inspect | undefined
}

/** The publish function of each participant, by the system of its actor. */
const publishers = new WeakMap<object, (request: PublishRequest) => Promise<TimedVerdict>>()

// One chart for all participants: `provide` costs more than a participant's typical work.
const publishingChart = participantChart.provide({
  actors: {
    publish: fromPromise<TimedVerdict, PublishRequest>(({ input, system }) => publishers.get(system)!(input)),
  },
})

/**
 * A participant in a room: actions as promises, state and events as streams. Actions take effect in call order, also
 * when the caller does not await them. Create it with `join`.
 *
 * Every action rejects with `session-unknown` after the session ended, and with `internal` after the journal failed.
 */
export class Participant {
  readonly #actor: Actor<typeof participantChart>
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #journalWriter: JournalWriter
  readonly #newKey: () => string
  readonly #pending = new Map<CallId, PendingCall>()
  readonly #subscriptions: Subscription[] = []
  #calls = 0
  #waitingCalls = 0
  #releaseProcess: Cancel | undefined
  readonly #draftPublisher: DraftPublisher
  readonly #writingSignal: WritingSignal | undefined
  readonly #feed: MessageFeed
  readonly #events = new Subject<EmittedEvent>()
  #closing: Promise<void> | undefined

  constructor({ input, transport, clock, journalWriter, newKey, feed, inspect, typingIndicator }: ParticipantDeps) {
    this.#transport = transport
    this.#clock = clock
    this.#newKey = newKey
    this.#feed = feed
    this.#draftPublisher = new DraftPublisher(transport, () => this.#actor.getSnapshot().context)
    // Observers of an observable room see the draft itself, and the server sees from it who writes.
    if (typingIndicator && input.observable !== true)
      this.#writingSignal = new WritingSignal(transport, clock, () => this.state.draft)
    this.#journalWriter = journalWriter(error => this.#send({ type: 'close', error }))
    this.#actor = createActor(publishingChart, {
      input,
      ...(inspect && { inspect }),
      clock: {
        setTimeout: (run: () => void, ms: number) => clock.after(ms, run),
        clearTimeout: (cancel: Cancel | undefined) => cancel?.(),
      },
    })
    publishers.set(this.#actor.system, async request => {
      await this.#journalWriter.flush(() => this.state)
      const verdict = await this.#transport.publish(request)
      return { verdict, at: this.#clock.monotonic() }
    })
    this.#actor.on('*', emitted => {
      this.#handleEmitted(emitted as EmittedEvent)
      this.#events.next(emitted as EmittedEvent)
    })
    if (input.state.pushing) feed.handle(input.state.pushing, input.state)
  }

  /** Starts the machine and connects it to its transport. Called once, by `join`. `signal` leaves the room. */
  start(signal?: AbortSignal): void {
    this.#actor.start()
    const leave = () => void this.close()
    signal?.addEventListener('abort', leave, { once: true })
    this.#events.subscribe({ complete: () => signal?.removeEventListener('abort', leave) })
    // A transport must not fail like this; if one does, end the session, not the process.
    const onFailure = (error: unknown) =>
      this.#send({ type: 'link.lost', reason: `The transport failed for good: ${String(error)}. Join again to go on.` })
    this.#subscriptions.push(
      this.#transport.inbound$.subscribe({ next: item => this.#receive(item), error: onFailure }),
      this.#transport.link$.subscribe({
        next: link =>
          this.#send(
            link.state === 'up'
              ? { type: 'link.up', ...(link.notice !== undefined && { notice: link.notice }) }
              : { type: `link.${link.state}`, reason: link.reason },
          ),
        error: onFailure,
      }),
    )
  }

  /** The participant's name in the room. */
  get name(): string {
    return this.state.session?.sender_id ?? ''
  }

  /** The durable state: the fold of its facts. */
  get state(): ParticipantState {
    return this.#actor.getSnapshot().context.state
  }

  /** The current state, for display. */
  get view(): View {
    return viewOf(this.#actor.getSnapshot())
  }

  /** Emits the view at subscription and after every change. Completes when the participant has closed. */
  get state$(): Observable<View> {
    return new Observable(subscriber => {
      let shown: SnapshotFrom<typeof participantChart> | undefined
      const show = (snapshot: SnapshotFrom<typeof participantChart>) => {
        if (shown?.context === snapshot.context && shown.value === snapshot.value) return
        shown = snapshot
        subscriber.next(viewOf(snapshot))
      }
      const subscription = this.#actor.subscribe({
        next: show,
        error: error => subscriber.error(error),
        complete: () => subscriber.complete(),
      })
      show(this.#actor.getSnapshot())
      if (this.#actor.getSnapshot().status !== 'active') subscriber.complete()
      return () => subscription.unsubscribe()
    })
  }

  /**
   * Emits every event as it happens: facts, answers, links, presence. Hot. `arrived` is a message of another session.
   * Completes when the participant has closed.
   */
  get events$(): Observable<EmittedEvent> {
    return this.#events.asObservable()
  }

  /**
   * Emits every message of the room since the join, or since `since`: in order, own ones included, each once, also over
   * reconnects and restarts of the server. A late subscriber first gets the newest 1,000 of them. It does not count as
   * reading: an answer still gives each message. Completes when the participant has closed.
   *
   * @example ada.messages$.subscribe(({ sender_id, content }) => console.log(`${sender_id}: ${content}`))
   */
  get messages$(): Observable<Message> {
    return this.#feed.messages$
  }

  /** Commits `text` as one segment of the draft. Does not use the network. Rejects with a `TypeError` for other values. */
  append(text: string): Promise<AppendAnswer> {
    if (typeof text !== 'string') return Promise.reject(new TypeError('append takes a string.'))
    return this.#call(call => ({ type: 'append', call, text }))
  }

  /** Removes the newest segment; status 0 if there is none. Does not use the network. */
  undo(): Promise<DraftAnswer> {
    return this.#call(call => ({ type: 'undo', call }))
  }

  /** Empties the draft. Does not use the network. */
  reset(): Promise<DraftAnswer> {
    return this.#call(call => ({ type: 'reset', call }))
  }

  /** Returns the whole draft. Does not use the network. */
  preview(): Promise<PreviewAnswer> {
    return this.#call(call => ({ type: 'preview', call }))
  }

  /**
   * Sends the whole draft as one message and waits for the verdict of the room: sent, or held with the unseen messages.
   * Rejects with `no-draft` on an empty draft, `rate-limited` or `content-policy` if the room refuses, and `unavailable`
   * while it cannot be reached (`data.unknown`: it may have been sent). After an error the draft stays.
   */
  push({ signal, ...options }: PushOptions = {}): Promise<PushAnswer> {
    const key = this.#newKey()
    return this.#callWithSignal(call => ({ type: 'push', call, key, ...options }), signal, pushAbandoned)
  }

  /** Waits for unseen messages and returns them: status 1. Status 0 after `timeout_ms`, or when a later check replaces it. */
  check({ signal, timeout_ms }: CheckOptions = {}): Promise<CheckAnswer> {
    let cancel: Cancel | undefined
    const answer = this.#callWithSignal<CheckAnswer>(
      call => ({ type: 'check', call, at: this.#clock.monotonic() }),
      signal,
      checkAbandoned,
    )
    if (timeout_ms !== undefined) {
      const call = this.#calls
      cancel = this.#clock.after(timeout_ms, () => this.#send({ type: 'check.expired', call }))
      answer.then(cancel, cancel)
    }
    return answer
  }

  /** Returns who is present and which others write, as far as the room reports it, and the participant's own floor. */
  who(): { readonly present: readonly string[]; readonly writing?: readonly string[]; readonly floor?: Floor } {
    const { present, writing, floor } = this.#actor.getSnapshot().context
    const left = floor ? floor.until - this.#clock.monotonic() : 0
    return {
      present: [...present].sort(),
      ...(writing.size > 0 && { writing: [...writing].sort() }),
      ...(floor && left > 0 && { floor: { name: floor.name, for_ms: left } }),
    }
  }

  /** Gives up the participant's own floor, if any. */
  yield(): void {
    this.#send({ type: 'yield' })
  }

  /** As `Transport.hush`, for persons. Rejects with `method-not-found` if the server cannot do it. */
  readonly hush = (on: boolean): Promise<boolean> => this.#transport.hush?.(on) ?? cannotHush()

  /**
   * Leaves the room: frees the name, ends waiting calls and closes the journal, which keeps the draft. Idempotent, never
   * fails.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    this.#writingSignal?.close()
    this.#send({ type: 'close' })
    await this.#transport.close()
    for (const subscription of this.#subscriptions) subscription.unsubscribe()
    await this.#journalWriter.close(() => this.state)
    this.#actor.stop()
    this.#events.complete()
    this.#feed.complete()
  }

  #receive(item: Inbound): void {
    this.#send({ type: 'inbound', item })
    const gap = this.#feed.receive(item, this.state.inbox.through)
    if (gap !== undefined) this.#transport.resume(gap)
  }

  #send(event: ParticipantEvent): void {
    this.#actor.send(event)
    // Stores facts that no answer waits for.
    this.#journalWriter.flush(() => this.state)
  }

  #call<A>(command: (call: CallId) => ParticipantCommand): Promise<A> {
    const call = ++this.#calls
    return new Promise<A>((resolve, reject) => {
      this.#pending.set(call, { resolve, reject })
      if (this.#closing) this.#reject(call, closedError())
      else this.#actor.send(command(call))
    })
  }

  /** Makes a call that may wait: it keeps the process alive, and its caller may abort it. */
  #callWithSignal<A>(
    command: (call: CallId) => ParticipantCommand,
    signal: AbortSignal | undefined,
    sentence: string,
  ): Promise<A> {
    if (signal?.aborted) return Promise.reject(abortError(signal, sentence))
    const answer = this.#call<A>(command)
    const call = this.#calls
    if (!this.#pending.has(call)) return answer
    if (this.#waitingCalls++ === 0) this.#releaseProcess = this.#clock.keepProcessAlive()
    const abandon = () => {
      this.#reject(call, abortError(signal!, sentence))
      this.#send({ type: 'call.abandoned', call })
    }
    signal?.addEventListener('abort', abandon, { once: true })
    const done = () => {
      signal?.removeEventListener('abort', abandon)
      if (--this.#waitingCalls === 0) this.#releaseProcess?.()
    }
    answer.then(done, done)
    return answer
  }

  #handleEmitted(emitted: EmittedEvent): void {
    switch (emitted.type) {
      case 'answered':
        return this.#settle(emitted.call, waiting => waiting.resolve(emitted.answer as never))
      // After a crash the journal must not repeat a push of which its author was told that it was not sent.
      case 'rejected':
        return this.#settle(emitted.call, waiting => waiting.reject(emitted.error))
      case 'gap.found':
        return this.#transport.resume(emitted.after)
      case 'floor.yielded':
        return this.#transport.yield()
      case 'link.changed':
        if (emitted.link.state !== 'up') return
        this.#draftPublisher.resendWhole()
        this.#writingSignal?.reconnected()
        return
      case 'presence.changed':
      case 'hush.changed':
      case 'ignored':
        return
      default:
        this.#feed.handle(emitted, this.state)
        this.#draftPublisher.add(emitted)
        this.#writingSignal?.add(emitted)
        this.#journalWriter.add(emitted)
    }
  }

  /** Ends a call once the journal has stored the facts of its answer or error. */
  #settle(call: CallId, end: (waiting: PendingCall) => void): void {
    const waiting = this.#pending.get(call)
    if (!waiting) return
    const stored = this.#journalWriter.flush(() => this.state)
    this.#pending.delete(call)
    if (stored) stored.then(() => end(waiting), waiting.reject)
    else end(waiting)
  }

  #reject(call: CallId, error: unknown): void {
    const waiting = this.#pending.get(call)
    this.#pending.delete(call)
    waiting?.reject(error)
  }
}

const pushAbandoned = 'Stopped waiting for the push. It is not known yet whether it was sent: check, or push again.'
const checkAbandoned = 'Stopped waiting for messages. Nothing was lost.'
