import type { CheckAnswer } from '../machine/answers.ts'
import type { Clock } from '../ports/clock.ts'
import type { Floor, Seq } from '../room/message.ts'
import type { Book } from './book.ts'
import type { CheckRequest, Manner } from './requests.ts'
import type { Room } from './room.ts'
import type { Page } from './timeline.ts'
import { WaitingCheck } from './waiting-check.ts'

const WAIT_MS = 25_000
const WAIT_MAX_MS = 240_000

/** A session's checks: at most one waits, and it holds up nothing. */
export class Checks {
  readonly #session: string
  readonly #room: Room
  readonly #book: Book
  readonly #clock: Clock
  #latest: WaitingCheck<CheckAnswer> | undefined

  constructor(session: string, room: Room, book: Book, clock: Clock) {
    this.#session = session
    this.#room = room
    this.#book = book
    this.#clock = clock
  }

  async check({ after, timeout_ms }: CheckRequest, manner: Manner): Promise<CheckAnswer> {
    this.#book.alive()
    if (manner.silent) return this.#nothing()
    this.#book.checkCursor(after, manner.arrival ?? this.#book.arrive())
    // A later check ends an earlier one at once: its caller may be gone.
    this.end()
    const check = new WaitingCheck<CheckAnswer>()
    this.#latest = check
    const wait = manner.waits === false ? 0 : Math.min(timeout_ms ?? WAIT_MS, WAIT_MAX_MS)
    const turn = this.#book.lane.run(async () => {
      if (check.over) return this.#passTo(after)
      this.#book.alive()
      if (!this.#book.state.draft.head) this.#room.decide({ type: 'yield', session: this.#session })
      const page = await this.#book.page(this.#book.from(after))
      if (check.over) return this.#passTo(after)
      const floor = this.#room.ownFloor(this.#session)
      if (page.messages.length > 0) return this.#give(check, page, floor)
      const { news, kept } = this.#book.give(page)
      await kept
      // Whoever has the floor keeps others waiting, so its check does not wait. What was missed is told at once.
      if (floor || news.missed || wait <= 0) return check.end({ status: 0, ...news, ...(floor && { floor }) })
      check.wait(this.#clock, wait, manner.signal, () => check.end(this.#nothing(), this.#book.written))
      this.stir()
    })
    // Ended by a later one it is answered at once, also behind a push that waits.
    return Promise.race([check.answer, turn.then(() => check.answer)])
  }

  /** Ended by a later one before its turn: what its caller has, it has all the same. */
  #passTo(after: Seq | undefined): Promise<void> | undefined {
    return this.#book.give({ messages: [], through: this.#book.from(after), more: false }).kept
  }

  /** Does one wait for something to be said? */
  get waits(): boolean {
    const check = this.#latest
    return check?.waits === true && !check.over
  }

  /** There may be something to give. */
  stir(): void {
    const check = this.#latest
    if (!check?.waits || check.over) return
    const page = this.#unseen()
    if (page instanceof Promise) void this.#giveInTurn(check)
    else this.#giveIfAny(check, page)
  }

  /** What is read from the log is read in turn: a call before it may give the same. */
  async #giveInTurn(check: WaitingCheck<CheckAnswer>): Promise<void> {
    try {
      await this.#book.lane.run(async () => this.#giveIfAny(check, await this.#unseen()))
    } catch {
      check.end(this.#nothing())
    }
  }

  /** Ends what waits: 0, a success without messages. The cursor it tells is written before. */
  end(): void {
    this.#latest?.end(this.#nothing(), this.#book.written)
  }

  #unseen(): Page | Promise<Page> {
    return this.#book.page(this.#book.from(undefined))
  }

  #giveIfAny(check: WaitingCheck<CheckAnswer>, page: Page): void {
    if (!check.over && (page.messages.length > 0 || page.missed)) this.#give(check, page, undefined)
  }

  /** What is given is given to this check alone, from the moment it is decided. */
  #give(check: WaitingCheck<CheckAnswer>, page: Page, floor: Floor | undefined): void {
    const { news, kept } = this.#book.give(page)
    check.end({ status: page.messages.length > 0 ? 1 : 0, ...news, ...(floor && { floor }) }, kept)
  }

  #nothing(): CheckAnswer {
    return { status: 0, messages: [], cursor: this.#book.state.cursor }
  }
}
