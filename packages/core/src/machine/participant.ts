import { distinctUntilChanged, map, Observable, type Subscription } from 'rxjs'
import { type Actor, createActor, fromPromise, type SnapshotFrom } from 'xstate'
import type { Draft } from '../draft/evolve.ts'
import type { MidsentenceError } from '../errors.ts'
import type { ParticipantState } from '../participant/evolve.ts'
import { cursorOf } from '../participant/inbox.ts'
import type { Cancel, Clock } from '../ports/clock.ts'
import type { Link, PublishRequest, Transport } from '../ports/transport.ts'
import type { Floor, Seq } from '../room/message.ts'
import type { AppendAnswer, CheckAnswer, DraftAnswer, PreviewAnswer, PushAnswer } from './answers.ts'
import { DraftPublisher } from './draft-publisher.ts'
import type { CallId, EmittedEvent, ParticipantCommand, ParticipantEvent, TimedVerdict } from './events.ts'
import type { JournalWriter } from './journal-writer.ts'
import { type MachineInput, participantMachine } from './machine.ts'
import { closedError } from './transition.ts'

/** Options of `Participant.push`. */
export interface PushOptions {
  /** Stops waiting for the verdict. The push itself continues. */
  readonly signal?: AbortSignal
  /** How long to wait for another participant's floor, in milliseconds. Default 25,000. */
  readonly timeout_ms?: number
  /**
   * The seq up to which the author has read, if answers gave more than that, as with several calls in one turn of a model.
   * The push is judged by it. It can only lower the cursor. Default: the cursor.
   */
  readonly base?: Seq
  /** Application data: a JSON object, passed through unchanged. */
  readonly meta?: Readonly<Record<string, unknown>>
}

/** Options of `Participant.check`. */
export interface CheckOptions {
  /** Stops waiting. No message is lost. */
  readonly signal?: AbortSignal
  /** Answers with status 0 after this many milliseconds. Default: no limit. */
  readonly timeout_ms?: number
}

/** The state of a participant, for display. */
export interface View {
  readonly phase: 'drafting.empty' | 'drafting.open' | 'pushing' | 'closed'
  readonly draft: Draft
  readonly cursor: Seq
  /** The number of messages that no answer has given yet. */
  readonly unseen: number
  /** Whether a check waits. */
  readonly waiting: boolean
  readonly link: Link
  readonly present: ReadonlySet<string>
}

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
  /** Whether observers see the draft. */
  readonly observable: boolean
}

/** The publish function of each participant, by the system of its actor. */
const publishers = new WeakMap<object, (request: PublishRequest) => Promise<TimedVerdict>>()

// One chart for all participants: `provide` costs more than a participant's typical work.
const participantChart = participantMachine.provide({
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
  readonly #actor: Actor<typeof participantMachine>
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #journalWriter: JournalWriter
  readonly #newKey: () => string
  readonly #pending = new Map<CallId, PendingCall>()
  readonly #subscriptions: Subscription[] = []
  #calls = 0
  #waitingCalls = 0
  #releaseProcess: Cancel | undefined
  readonly #draftPublisher: DraftPublisher | undefined
  #closing: Promise<void> | undefined

  constructor({ input, transport, clock, journalWriter, newKey, observable }: ParticipantDeps) {
    this.#transport = transport
    this.#clock = clock
    this.#newKey = newKey
    this.#draftPublisher = observable ? new DraftPublisher(transport, () => this.state.draft) : undefined
    this.#journalWriter = journalWriter(error => this.#send({ type: 'close', error }))
    this.#actor = createActor(participantChart, {
      input,
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
    this.#actor.on('*', emitted => this.#handleEmitted(emitted as EmittedEvent))
  }

  /** Starts the machine and connects it to its transport. Called once, by `join`. */
  start(): void {
    this.#actor.start()
    // A transport must not fail like this; if one does, end the session, not the process.
    const onFailure = (error: unknown) =>
      this.#send({ type: 'link.lost', reason: `The transport failed for good: ${String(error)}. Join again to go on.` })
    this.#subscriptions.push(
      this.#transport.inbound$.subscribe({ next: item => this.#send({ type: 'inbound', item }), error: onFailure }),
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
    return new Observable<SnapshotFrom<typeof participantMachine>>(subscriber => {
      const subscription = this.#actor.subscribe(subscriber)
      subscriber.next(this.#actor.getSnapshot())
      return () => subscription.unsubscribe()
    }).pipe(
      distinctUntilChanged((a, b) => a.context === b.context && a.value === b.value),
      map(viewOf),
    )
  }

  /** Emits every event as it happens: facts, answers, links, presence. Hot. */
  get events$(): Observable<EmittedEvent> {
    return new Observable(subscriber => {
      const subscription = this.#actor.on('*', emitted => subscriber.next(emitted as EmittedEvent))
      return () => subscription.unsubscribe()
    })
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

  /** Returns the present participants, as far as the room reports them, and the participant's own floor. */
  who(): { readonly present: readonly string[]; readonly floor?: Floor } {
    const { present, floor } = this.#actor.getSnapshot().context
    const left = floor ? floor.until - this.#clock.monotonic() : 0
    return { present: [...present].sort(), ...(floor && left > 0 && { floor: { name: floor.name, for_ms: left } }) }
  }

  /** Gives up the participant's own floor, if any. */
  yield(): void {
    this.#send({ type: 'yield' })
  }

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
    this.#send({ type: 'close' })
    await this.#transport.close()
    for (const subscription of this.#subscriptions) subscription.unsubscribe()
    await this.#journalWriter.close(() => this.state)
    this.#actor.stop()
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
        return this.#resolve(emitted.call, emitted.answer as never)
      case 'rejected':
        return this.#reject(emitted.call, emitted.error)
      case 'gap.found':
        return this.#transport.resume(emitted.after)
      case 'floor.yielded':
        return this.#transport.yield()
      case 'link.changed':
        if (emitted.link.state === 'up') this.#draftPublisher?.resendWhole()
        return
      case 'presence.changed':
      case 'ignored':
        return
      default:
        this.#draftPublisher?.add(emitted)
        this.#journalWriter.add(emitted)
    }
  }

  /** Resolves a call once the journal has stored the facts of its answer. */
  #resolve(call: CallId, answer: never): void {
    const waiting = this.#pending.get(call)
    if (!waiting) return
    const stored = this.#journalWriter.flush(() => this.state)
    this.#pending.delete(call)
    if (stored) stored.then(() => waiting.resolve(answer), waiting.reject)
    else waiting.resolve(answer)
  }

  #reject(call: CallId, error: unknown): void {
    const waiting = this.#pending.get(call)
    this.#pending.delete(call)
    waiting?.reject(error)
  }
}

const pushAbandoned = 'Stopped waiting for the push. It is not known yet whether it was sent: check, or push again.'
const checkAbandoned = 'Stopped waiting for messages. Nothing was lost.'

const abortError = (signal: AbortSignal, sentence: string) =>
  signal.reason instanceof DOMException && signal.reason.name === 'AbortError'
    ? new DOMException(sentence, 'AbortError')
    : (signal.reason ?? new DOMException(sentence, 'AbortError'))

function viewOf(snapshot: SnapshotFrom<typeof participantMachine>): View {
  const { state, check, link, present } = snapshot.context
  return {
    phase: phaseOf(snapshot),
    draft: state.draft,
    cursor: cursorOf(state.inbox),
    unseen: state.inbox.unseen.length,
    waiting: check !== undefined,
    link,
    present,
  }
}

function phaseOf(snapshot: SnapshotFrom<typeof participantMachine>): View['phase'] {
  if (snapshot.matches({ draft: 'closed' })) return 'closed'
  if (snapshot.matches({ draft: 'pushing' })) return 'pushing'
  return snapshot.matches({ draft: { drafting: 'open' } }) ? 'drafting.open' : 'drafting.empty'
}
