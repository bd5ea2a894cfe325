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
import type { Call, Command, EmittedEvent, ParticipantEvent, TimedVerdict } from './events.ts'
import type { JournalWriter } from './journal-writer.ts'
import { type MachineInput, participantMachine } from './machine.ts'
import { closedError } from './transition.ts'

export interface PushOptions {
  /** Stops the waiting, not the push: what is under way stays so. */
  readonly signal?: AbortSignal
  /** How long to wait for somebody's floor, in milliseconds. Default 25 s. */
  readonly timeout_ms?: number
  /**
   * Up to where its author has read, where answers gave more than that (several calls of one turn of a model, a loop that
   * appends for one): the push is judged by it. Give it only if messages of others lie between; it raises nothing.
   */
  readonly base?: Seq
  /** For applications; a JSON object, carried untouched. */
  readonly meta?: Readonly<Record<string, unknown>>
}

export interface CheckOptions {
  readonly signal?: AbortSignal
  /** Answer 0 after so many milliseconds. Default: wait as long as it takes. */
  readonly timeout_ms?: number
}

/** What there is to show of a participant at one moment. */
export interface View {
  readonly phase: 'drafting.empty' | 'drafting.open' | 'pushing' | 'closed'
  readonly draft: Draft
  readonly cursor: Seq
  /** Messages that arrived and were not given yet. */
  readonly unseen: number
  /** Does a check wait? */
  readonly waiting: boolean
  readonly link: Link
  readonly present: ReadonlySet<string>
}

interface PendingCall {
  resolve(answer: never): void
  reject(error: unknown): void
}

export interface ParticipantDeps {
  readonly input: MachineInput
  readonly transport: Transport
  readonly clock: Clock
  readonly journalWriter: (failed: (error: MidsentenceError) => void) => JournalWriter
  readonly newKey: () => string
  /** Is the draft shown to observers? */
  readonly observable: boolean
}

/** How each participant publishes, by the system of its actor. */
const publishers = new WeakMap<object, (request: PublishRequest) => Promise<TimedVerdict>>()

// One chart for all participants: one of its own for each would cost more than all that most of them do.
const participantChart = participantMachine.provide({
  actors: {
    publish: fromPromise<TimedVerdict, PublishRequest>(({ input, system }) => publishers.get(system)!(input)),
  },
})

/**
 * One who takes part: the actions as promises, what happens as streams. Actions take effect in the order they were
 * called, also when nobody awaits them. Made by `join`.
 */
export class Participant {
  readonly #actor: Actor<typeof participantMachine>
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #recorder: JournalWriter
  readonly #newKey: () => string
  readonly #waiting = new Map<Call, PendingCall>()
  readonly #subscriptions: Subscription[] = []
  #calls = 0
  #awaited = 0
  #asleep: Cancel | undefined
  readonly #showing: DraftPublisher | undefined
  #closing: Promise<void> | undefined

  constructor({ input, transport, clock, journalWriter, newKey, observable }: ParticipantDeps) {
    this.#transport = transport
    this.#clock = clock
    this.#newKey = newKey
    this.#showing = observable ? new DraftPublisher(transport, () => this.state.draft) : undefined
    this.#recorder = journalWriter(error => this.#send({ type: 'close', error }))
    this.#actor = createActor(participantChart, {
      input,
      clock: {
        setTimeout: (run: () => void, ms: number) => clock.after(ms, run),
        clearTimeout: (cancel: Cancel | undefined) => cancel?.(),
      },
    })
    publishers.set(this.#actor.system, async request => {
      await this.#recorder.flush(() => this.state)
      const verdict = await this.#transport.publish(request)
      return { verdict, at: this.#clock.monotonic() }
    })
    this.#actor.on('*', emitted => this.#handleInbound(emitted as EmittedEvent))
  }

  /** Starts the machine and connects it to its transport. Called once, by `join`. */
  start(): void {
    this.#actor.start()
    // A transport must not do this; where one does, it is the end of the session, not of the process.
    const broken = (error: unknown) =>
      this.#send({ type: 'link.lost', reason: `The transport failed for good: ${String(error)}. Join again to go on.` })
    this.#subscriptions.push(
      this.#transport.inbound$.subscribe({ next: item => this.#send({ type: 'inbound', item }), error: broken }),
      this.#transport.link$.subscribe({
        next: link =>
          this.#send(
            link.state === 'up'
              ? { type: 'link.up', ...(link.notice !== undefined && { notice: link.notice }) }
              : { type: `link.${link.state}`, reason: link.reason },
          ),
        error: broken,
      }),
    )
  }

  /** The name in the room. */
  get name(): string {
    return this.state.session?.sender_id ?? ''
  }

  /** The durable state: what its facts lead to. */
  get state(): ParticipantState {
    return this.#actor.getSnapshot().context.state
  }

  /** What there is to show now. */
  get view(): View {
    return viewOf(this.#actor.getSnapshot())
  }

  /** The view at subscription and after every change. Completes when the participant has closed. */
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

  /** Everything that happens, as it happens: facts, answers, links, presence. Hot. */
  get events$(): Observable<EmittedEvent> {
    return new Observable(subscriber => {
      const subscription = this.#actor.on('*', emitted => subscriber.next(emitted as EmittedEvent))
      return () => subscription.unsubscribe()
    })
  }

  /** Commits `text` as one segment of the draft. Touches no network. */
  append(text: string): Promise<AppendAnswer> {
    if (typeof text !== 'string') return Promise.reject(new TypeError('append takes a string.'))
    return this.#call(call => ({ type: 'append', call, text }))
  }

  /** Takes back the most recent segment. Touches no network. */
  undo(): Promise<DraftAnswer> {
    return this.#call(call => ({ type: 'undo', call }))
  }

  /** Empties the draft. Touches no network. */
  reset(): Promise<DraftAnswer> {
    return this.#call(call => ({ type: 'reset', call }))
  }

  /** Shows the whole draft. Touches no network. */
  preview(): Promise<PreviewAnswer> {
    return this.#call(call => ({ type: 'preview', call }))
  }

  /**
   * Sends the whole draft as one message and waits for the room's verdict: sent, or held with what came in between.
   * Rejects with `no-draft` on an empty draft, and with the room's refusals; the draft stays.
   */
  push({ signal, ...how }: PushOptions = {}): Promise<PushAnswer> {
    const key = this.#newKey()
    return this.#callWithSignal(call => ({ type: 'push', call, key, ...how }), signal, pushAbandoned)
  }

  /** Waits until something is unseen, then gives it: 1; 0 when `timeout_ms` is over or a later check takes its place. */
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

  /** Who is here, as far as the room tells, and one's own floor. */
  who(): { readonly present: readonly string[]; readonly floor?: Floor } {
    const { present, floor } = this.#actor.getSnapshot().context
    const left = floor ? floor.until - this.#clock.monotonic() : 0
    return { present: [...present].sort(), ...(floor && left > 0 && { floor: { name: floor.name, for_ms: left } }) }
  }

  /** Gives up one's floor, if one has it. */
  yield(): void {
    this.#send({ type: 'yield' })
  }

  /** Leaves the room: the name is free, waiting calls end, the draft stays in the journal, which is closed. Idempotent, never fails. */
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
    for (const line of this.#subscriptions) line.unsubscribe()
    await this.#recorder.close(() => this.state)
    this.#actor.stop()
  }

  #send(event: ParticipantEvent): void {
    this.#actor.send(event)
    // What nobody waits for is kept all the same.
    this.#recorder.flush(() => this.state)
  }

  #call<A>(command: (call: Call) => Command): Promise<A> {
    const call = ++this.#calls
    return new Promise<A>((resolve, reject) => {
      this.#waiting.set(call, { resolve, reject })
      if (this.#closing) this.#reject(call, closedError())
      else this.#actor.send(command(call))
    })
  }

  /** A call that may wait: it keeps the process alive, and its caller may give it up. */
  #callWithSignal<A>(command: (call: Call) => Command, signal: AbortSignal | undefined, sentence: string): Promise<A> {
    if (signal?.aborted) return Promise.reject(abortError(signal, sentence))
    const answer = this.#call<A>(command)
    const call = this.#calls
    if (!this.#waiting.has(call)) return answer
    if (this.#awaited++ === 0) this.#asleep = this.#clock.keepProcessAlive()
    const abandon = () => {
      this.#reject(call, abortError(signal!, sentence))
      this.#send({ type: 'call.abandoned', call })
    }
    signal?.addEventListener('abort', abandon, { once: true })
    const done = () => {
      signal?.removeEventListener('abort', abandon)
      if (--this.#awaited === 0) this.#asleep?.()
    }
    answer.then(done, done)
    return answer
  }

  #handleInbound(emitted: EmittedEvent): void {
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
        if (emitted.link.state === 'up') this.#showing?.resendWhole()
        return
      case 'presence.changed':
      case 'ignored':
        return
      default:
        this.#showing?.add(emitted)
        this.#recorder.add(emitted)
    }
  }

  /** Answers once the journal keeps what the answer tells of. */
  #resolve(call: Call, answer: never): void {
    const waiting = this.#waiting.get(call)
    if (!waiting) return
    const kept = this.#recorder.flush(() => this.state)
    this.#waiting.delete(call)
    if (kept) kept.then(() => waiting.resolve(answer), waiting.reject)
    else waiting.resolve(answer)
  }

  #reject(call: Call, error: unknown): void {
    const waiting = this.#waiting.get(call)
    this.#waiting.delete(call)
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
