import { append, reset, undo } from '../draft/decide.ts'
import type { DraftEvent } from '../draft/events.ts'
import { type Draft, segmentsOf, textOf, wholeDraft } from '../draft/evolve.ts'
import { suffixOf } from '../draft/suffix.ts'
import type { MidsentenceError } from '../errors.ts'
import type {
  AppendAnswer,
  CheckAnswer,
  DraftAnswer,
  PreviewAnswer,
  PushAnswer,
  SentAnswer,
} from '../machine/answers.ts'
import type { Clock } from '../ports/clock.ts'
import type { Monitor } from '../ports/monitor.ts'
import type { Seq } from '../room/message.ts'
import type { HubSession } from './application.ts'
import type { Book, DoIt } from './book.ts'
import type { Budget } from './budget.ts'
import { Checks } from './checks.ts'
import { Ear } from './ear.ts'
import { printOf } from './print.ts'
import type {
  ActionRequest,
  AppendRequest,
  Arrival,
  CheckRequest,
  Entrance,
  KeyedRequest,
  Listener,
  Listening,
  Manner,
  PublishWholeRequest,
  PushRequest,
  Reentrance,
  WhoAnswer,
} from './requests.ts'
import { goneError, type Room } from './room.ts'
import type { SeatHost, SeatParts } from './seat-parts.ts'
import type { KeptSession } from './session-facts.ts'
import { ShownDraft } from './shown-draft.ts'
import { type Knew, type Speaker, tooFast } from './speaker.ts'

/** What has no key is never asked for again: nobody looks at its print. */
const UNKEYED = ''

/** A session: the actions of the protocol, for one whose draft is hosted, and for one who keeps it. */
export class Seat implements HubSession {
  readonly room: Room
  readonly ears = new Set<Ear>()
  readonly #book: Book
  readonly #speaker: Speaker
  readonly #checks: Checks
  readonly #shown: ShownDraft
  readonly #clock: Clock
  readonly #host: SeatHost
  readonly #monitor: Monitor
  readonly #budget: Budget | undefined
  readonly #stand: SeatParts['stand']
  #entrance: Entrance
  #kept: KeptSession
  readonly secret: string | undefined
  readonly dialect: boolean
  /** When it last did something, on the monotonic clock. */
  last: number
  /** When its leave to be here ends, on the monotonic clock. */
  until: number
  /** Neither stream nor call for a while: everybody was told. */
  away: true | undefined
  /** False until its first sign of life after the join. */
  used = false
  #calls = 0
  #leaving: Promise<void> | undefined

  constructor(parts: SeatParts) {
    const { entrance, room, book, speaker, clock, host, secret, dialect } = parts
    this.#kept = parts.kept
    this.#stand = parts.stand
    this.secret = secret
    this.dialect = dialect === true
    this.#monitor = parts.monitor
    this.#budget = parts.budget
    this.#entrance = entrance
    this.room = room
    this.#book = book
    this.#speaker = speaker
    this.#clock = clock
    this.until = this.#untilOf(parts.kept)
    this.#host = host
    this.#checks = new Checks(this.#id, room, book, clock)
    this.#shown = new ShownDraft(room.limits.draft)
    this.last = clock.monotonic()
  }

  get entrance(): Entrance {
    return this.#entrance
  }

  get kept(): KeptSession {
    return this.#kept
  }

  /** Its leave to be here ends at `until`, in milliseconds since 1970. Resolves once that is written. */
  async extend(until: number | undefined): Promise<void> {
    if (until === this.#kept.until) return
    const { until: _, ...kept } = this.#kept
    this.#kept = until === undefined ? kept : { ...kept, until }
    this.until = this.#untilOf(this.#kept)
    await this.#stand()
  }

  #untilOf({ until = Number.POSITIVE_INFINITY }: KeptSession): number {
    return until - this.#clock.now() + this.#clock.monotonic()
  }

  /** Its token, which is not known after a restart until somebody comes by it. */
  comesBy(token: string): void {
    if (this.#entrance.token !== token) this.#entrance = { ...this.#entrance, token }
  }

  /** Does a check of it wait? */
  get checking(): boolean {
    return this.#checks.waits
  }

  /** Is there a stream or a call of it just now? */
  get busy(): boolean {
    return this.ears.size > 0 || this.#calls > 0
  }

  /** The draft as observers see it: hosted, or what its author showed of its own. */
  get visibleDraft(): Draft {
    return this.#book.state.draft.head ? this.#book.state.draft : this.#shown.draft
  }

  arrive(): Arrival {
    return this.#book.arrive()
  }

  append(request: AppendRequest, manner: Manner = {}): Promise<AppendAnswer> {
    const print = request.key === undefined ? UNKEYED : printOf('append', request.text)
    return this.#actWithin<AppendAnswer>(request, manner, print, base => {
      const change = append(this.#book.state.draft, request.text, base, this.room.limits)
      const { status, suffix, accepted, dropped } = change
      return this.#drafted(change.events, { status, suffix, accepted, dropped })
    })
  }

  undo(request: KeyedRequest = {}, manner: Manner = {}): Promise<DraftAnswer> {
    return this.#actWithin<DraftAnswer>(request, manner, 'undo', () => {
      const { events, status, suffix } = undo(this.#book.state.draft)
      return this.#drafted(events, { status, suffix })
    })
  }

  reset(request: KeyedRequest = {}, manner: Manner = {}): Promise<DraftAnswer> {
    return this.#actWithin<DraftAnswer>(request, manner, 'reset', () => {
      const { events, status, suffix } = reset(this.#book.state.draft)
      return this.#drafted(events, { status, suffix })
    })
  }

  preview(request: ActionRequest = {}, manner: Manner = {}): Promise<PreviewAnswer> {
    return this.#actWithin<PreviewAnswer>({ ...withAfter(request) }, manner, 'preview', () => {
      const { draft } = this.#book.state
      const segments = segmentsOf(draft).map(({ length, base }) => ({ length, base }))
      return {
        result: { status: 1, draft: textOf(draft), length: draft.length, segments, suffix: suffixOf(draft) },
      }
    })
  }

  push(request: PushRequest = {}, manner: Manner = {}): Promise<PushAnswer> {
    const { meta = null } = request
    const book = this.#book
    const run: DoIt = (base, reads) => {
      const push = () => this.#speaker.push(book.state, request, this.#knew(base, reads), manner)
      return book.written?.then(push) ?? push()
    }
    const print = request.key === undefined ? UNKEYED : printOf('push', meta)
    return this.#act<PushAnswer>(request, manner, print, run).then(answer => this.#pushed(answer))
  }

  publish(request: PublishWholeRequest, manner: Manner = {}): Promise<PushAnswer> {
    const { content, meta = null } = request
    const { base } = request
    const print = printOf('publish', content, meta)
    const run: DoIt = (judgedBy, reads) => this.#speaker.publish(request, this.#knew(judgedBy, reads), manner)
    return this.#during(() => this.#book.act<PushAnswer>({ request, manner, print, base, run }))
  }

  speak(content: string): Promise<SentAnswer> {
    return this.#act<SentAnswer>({}, { silent: true }, '', () => this.#speaker.speak(content, this.#book.state.cursor))
  }

  check(request: CheckRequest = {}, manner: Manner = {}): Promise<CheckAnswer> {
    return this.#during(() => {
      this.#spend()
      return this.#checks.check(request, manner)
    })
  }

  async resume(): Promise<Reentrance> {
    this.#book.alive()
    this.#spend()
    this.#touch()
    const { cursor, draft } = this.#book.state
    const told = { ...this.entrance, cursor, suffix: suffixOf(draft) }
    await this.#book.written
    return told
  }

  who(): WhoAnswer {
    this.#book.alive()
    this.#spend()
    this.#touch()
    return this.#host.who(this.room)
  }

  yield(): boolean {
    this.#book.alive()
    this.#spend()
    this.#touch()
    const { session_id } = this.entrance
    const had = this.room.state.floor?.session === session_id
    this.room.decide({ type: 'yield', session: session_id })
    return had
  }

  leave(): Promise<void> {
    this.#leaving ??= this.end(goneError())
    return this.#leaving
  }

  /** Takes it out of its room, with the reason that its calls end with. */
  async end(error: MidsentenceError): Promise<void> {
    this.fail(error)
    this.room.decide({ type: 'leave', session: this.#id })
    await this.#host.left(this, error.message)
  }

  /** Refuses everything from now on: what it came to is not known. */
  fail(error: MidsentenceError): void {
    this.#book.end(error)
    this.#speaker.end(error)
    this.stop(error.message)
  }

  /** Ends its waiting check, with 0, and its streams. */
  stop(reason: string): void {
    this.#checks.end()
    for (const ear of [...this.ears]) ear.end(reason)
  }

  show(facts: readonly DraftEvent[], rev: number): void {
    this.#book.alive()
    this.#spend()
    this.#touch()
    if (!this.room.entry.observable) return
    const news = this.#shown.take(facts, rev)
    if (news) this.#host.drafted(this, news.facts, news.whole)
  }

  async listen(listener: Listener, after?: Seq): Promise<Listening> {
    this.#book.alive()
    this.#book.checkCursor(after, this.arrive())
    this.#spend()
    this.#touch()
    const ear = new Ear({
      room: this.room,
      listener,
      monitor: this.#monitor,
      after: this.#book.from(after),
      heard: seq => {
        this.#book.show(seq)
        if (this.#speaker.free) this.#book.passTo(seq)
      },
      begins: () => {
        for (const { sender_id, away } of this.#host.who(this.room).participants) {
          if (!away) listener.presence(sender_id, true)
        }
      },
      closed: () => {
        this.ears.delete(ear)
        this.#rest()
      },
    })
    this.ears.add(ear)
    this.#touch()
    return ear
  }

  /** New messages are there: a waiting check gives them. */
  stir(): void {
    this.#checks.stir()
  }

  get #id(): string {
    return this.entrance.session_id
  }

  /** An action that counts against the session's rate. What speaks counts where it is judged, behind its parameters. */
  #actWithin<A extends AppendAnswer | DraftAnswer | PreviewAnswer>(
    request: KeyedRequest,
    manner: Manner,
    print: string,
    run: DoIt,
  ): Promise<A> {
    return this.#during(() => {
      this.#spend()
      return this.#book.act<A>({ request, manner, print, run })
    })
  }

  /** Throws `rate-limited` where it asks for too much. */
  #spend(): void {
    const wait = this.#budget?.take(this.#clock.monotonic()) ?? 0
    if (wait === 0) return
    this.#monitor.refused('rate', this.room.name)
    throw tooFast(wait)
  }

  #act<A extends PushAnswer | SentAnswer>(request: KeyedRequest, manner: Manner, print: string, run: DoIt): Promise<A> {
    return this.#during(() => this.#book.act<A>({ request, manner, print, run }))
  }

  /** A call shows that its caller is here, as long as it lasts. */
  #during<A>(call: () => Promise<A>): Promise<A> {
    this.#calls++
    this.#touch()
    try {
      return call().then(
        answer => {
          this.#over()
          return answer
        },
        error => {
          this.#over()
          throw error
        },
      )
    } catch (error) {
      this.#over()
      return Promise.reject(error)
    }
  }

  #over(): void {
    this.#calls--
    this.#rest()
  }

  #rest(): void {
    this.last = this.#clock.monotonic()
    if (!this.busy) this.#host.idle(this)
  }

  #touch(): void {
    this.used = true
    this.last = this.#clock.monotonic()
    this.#host.seen(this)
  }

  /** A check that waits may give what is said before a message is written: what the answer then gives is not known yet. */
  #knew(base: Seq, reads: () => Seq | undefined): Knew {
    return { base, reads: () => (this.#checks.waits ? undefined : reads()) }
  }

  #drafted(events: ReturnType<typeof append>['events'], result: Readonly<Record<string, unknown>>) {
    const [drafted] = events
    if (drafted && this.room.entry.observable) {
      // Told behind the change itself.
      queueMicrotask(() => this.#host.drafted(this, [drafted], false))
    }
    return { result, drafted }
  }

  #pushed(answer: PushAnswer): PushAnswer {
    if (answer.status === 1 && this.room.entry.observable) this.#host.drafted(this, wholeDraft(this.visibleDraft), true)
    return answer
  }
}

/** Only what an action without effect looks at: it takes no key. */
const withAfter = ({ after }: ActionRequest): ActionRequest => (after === undefined ? {} : { after })
