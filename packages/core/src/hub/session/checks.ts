import type { CheckAnswer } from '../../machine/answers.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Floor, Seq } from '../../room/message.ts'
import type { CallOptions, CheckRequest } from '../requests.ts'
import type { MessagePage } from '../room/message-window.ts'
import type { Room } from '../room/room.ts'
import type { CallLog } from './call-log.ts'
import { WaitingCheck } from './waiting-check.ts'

const WAIT_MS = 25_000
const WAIT_MAX_MS = 240_000

/** A session's checks: at most one waits, and it holds up nothing. */
export class Checks {
  readonly #session: string
  readonly #room: Room
  readonly #callLog: CallLog
  readonly #clock: Clock
  #latest: WaitingCheck<CheckAnswer> | undefined

  constructor(session: string, room: Room, book: CallLog, clock: Clock) {
    this.#session = session
    this.#room = room
    this.#callLog = book
    this.#clock = clock
  }

  async check({ after, timeout_ms }: CheckRequest, manner: CallOptions): Promise<CheckAnswer> {
    this.#callLog.assertOpen()
    if (manner.notification) return this.#nothing()
    this.#callLog.checkCursor(after, manner.cursorSnapshot ?? this.#callLog.snapshotCursor())
    // A later check ends an earlier one at once: its caller may be gone.
    this.end()
    const check = new WaitingCheck<CheckAnswer>()
    this.#latest = check
    const wait = manner.mayWait === false ? 0 : Math.min(timeout_ms ?? WAIT_MS, WAIT_MAX_MS)
    const turn = this.#callLog.queue.run(async () => {
      if (check.over) return this.#advanceTo(after)
      this.#callLog.assertOpen()
      if (!this.#callLog.state.draft.head) this.#room.decide({ type: 'yield', session: this.#session })
      const page = await this.#callLog.page(this.#callLog.from(after))
      if (check.over) return this.#advanceTo(after)
      const floor = this.#room.ownFloor(this.#session)
      if (page.messages.length > 0) return this.#deliver(check, page, floor)
      const { news, kept } = this.#callLog.deliver(page)
      await kept
      // Whoever has the floor keeps others waiting, so its check does not wait. What was missed is told at once.
      if (floor || news.missed || wait <= 0) return check.end({ status: 0, ...news, ...(floor && { floor }) })
      check.wait(this.#clock, wait, manner.signal, () => check.end(this.#nothing(), this.#callLog.written))
      this.notify()
    })
    // Ended by a later one it is answered at once, also behind a push that waits.
    return Promise.race([check.answer, turn.then(() => check.answer)])
  }

  /** Ended by a later one before its turn: what its caller has, it has all the same. */
  #advanceTo(after: Seq | undefined): Promise<void> | undefined {
    return this.#callLog.deliver({ messages: [], through: this.#callLog.from(after), more: false }).kept
  }

  /** Does one wait for something to be said? */
  get waits(): boolean {
    const check = this.#latest
    return check?.waits === true && !check.over
  }

  /** There may be something to give. */
  notify(): void {
    const check = this.#latest
    if (!check?.waits || check.over) return
    const page = this.#unseen()
    if (page instanceof Promise) void this.#deliverInOrder(check)
    else this.#deliverIfAny(check, page)
  }

  /** What is read from the log is read in turn: a call before it may give the same. */
  async #deliverInOrder(check: WaitingCheck<CheckAnswer>): Promise<void> {
    try {
      await this.#callLog.queue.run(async () => this.#deliverIfAny(check, await this.#unseen()))
    } catch {
      check.end(this.#nothing())
    }
  }

  /** Ends what waits: 0, a success without messages. The cursor it tells is written before. */
  end(): void {
    this.#latest?.end(this.#nothing(), this.#callLog.written)
  }

  #unseen(): MessagePage | Promise<MessagePage> {
    return this.#callLog.page(this.#callLog.from(undefined))
  }

  #deliverIfAny(check: WaitingCheck<CheckAnswer>, page: MessagePage): void {
    if (!check.over && (page.messages.length > 0 || page.missed)) this.#deliver(check, page, undefined)
  }

  /** What is given is given to this check alone, from the moment it is decided. */
  #deliver(check: WaitingCheck<CheckAnswer>, page: MessagePage, floor: Floor | undefined): void {
    const { news, kept } = this.#callLog.deliver(page)
    check.end({ status: page.messages.length > 0 ? 1 : 0, ...news, ...(floor && { floor }) }, kept)
  }

  #nothing(): CheckAnswer {
    return { status: 0, messages: [], cursor: this.#callLog.state.cursor }
  }
}
