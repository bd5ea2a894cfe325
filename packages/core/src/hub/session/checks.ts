import type { CheckAnswer } from '../../machine/answers.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Floor, Seq } from '../../room/message.ts'
import type { CallOptions, CheckRequest } from '../requests.ts'
import type { MessagePage } from '../room/message-window.ts'
import type { Room } from '../room/room.ts'
import type { CallLog } from './call-log.ts'
import { WaitingCheck } from './waiting-check.ts'

const DEFAULT_WAIT_MS = 25_000
const MAX_WAIT_MS = 240_000

/** The checks of a session. At most one waits; while it waits, other calls run. */
export class Checks {
  readonly #sessionId: string
  readonly #room: Room
  readonly #callLog: CallLog
  readonly #clock: Clock
  #latest: WaitingCheck<CheckAnswer> | undefined

  constructor(sessionId: string, room: Room, callLog: CallLog, clock: Clock) {
    this.#sessionId = sessionId
    this.#room = room
    this.#callLog = callLog
    this.#clock = clock
  }

  async check({ after, timeout_ms }: CheckRequest, options: CallOptions): Promise<CheckAnswer> {
    this.#callLog.assertOpen()
    if (options.notification) return this.#emptyAnswer()
    this.#callLog.checkCursor(after, options.cursorSnapshot ?? this.#callLog.snapshotCursor())
    // A later check ends an earlier one at once: its caller may be gone.
    this.end()
    const check = new WaitingCheck<CheckAnswer>()
    this.#latest = check
    this.#callLog.check = check
    const wait = options.mayWait === false ? 0 : Math.min(timeout_ms ?? DEFAULT_WAIT_MS, MAX_WAIT_MS)
    const turn = this.#callLog.queue.run(async () => {
      if (this.#hasEnded(check, options)) return this.#advanceTo(after)
      this.#callLog.assertOpen()
      if (!this.#callLog.state.draft.head) this.#room.decide({ type: 'yield', session: this.#sessionId })
      const page = await this.#callLog.page(this.#callLog.from(after))
      if (this.#hasEnded(check, options)) return this.#advanceTo(after)
      const floor = this.#room.ownFloor(this.#sessionId)
      // The participant with the floor keeps others waiting: its check does not wait. Missed seqs are reported at once.
      const due = page.messages.length > 0 || page.missed || floor || this.#callLog.renamed !== undefined
      if (due || wait <= 0 || !check.mayWait) return this.#deliver(check, page, floor)
      await this.#callLog.deliver(page).persisted
      if (check.ended) return
      const end = () => check.end(this.#emptyAnswer(), this.#callLog.written)
      check.wait(this.#clock, wait, options.signal, () => this.#expire(check), end)
      this.notify()
      if (!check.mayWait) this.#stopWaiting(check)
    })
    // A check that a later one ends is answered at once, even if a waiting push holds the queue.
    return Promise.race([check.answer, turn.then(() => check.answer)])
  }

  /** Tells whether a check has its answer already. One whose caller is gone ends: what it gave would be lost. */
  #hasEnded(check: WaitingCheck<CheckAnswer>, { signal }: CallOptions): boolean {
    if (signal?.aborted) check.end(this.#emptyAnswer(), this.#callLog.written)
    return check.ended
  }

  /** Moves the cursor to where the caller of a check that has ended already is. */
  #advanceTo(after: Seq | undefined): Promise<void> | undefined {
    const { renamed } = this.#callLog
    const { persisted } = this.#callLog.deliver({ messages: [], through: this.#callLog.from(after), more: false })
    this.#callLog.renamed = renamed
    return persisted
  }

  /** Tells whether a check waits for messages. */
  get isWaiting(): boolean {
    return this.#latest?.isWaiting === true
  }

  /** Answers a waiting check, if there is something to give. */
  notify(): void {
    const check = this.#latest
    if (!check?.isWaiting) return
    const page = this.#unseen()
    if (page instanceof Promise) void this.#deliverInTurn(check)
    else this.#deliverIfAny(check, page)
  }

  /** Reads the page in turn: a call before it may give the same messages. */
  async #deliverInTurn(check: WaitingCheck<CheckAnswer>): Promise<void> {
    check.reads++
    try {
      await this.#callLog.queue.run(async () => {
        check.isReading = true
        this.#deliverIfAny(check, await this.#unseen())
        check.isReading = false
      })
      check.reads--
      if (!check.mayWait) this.#stopWaiting(check)
    } catch (error) {
      check.fail(error)
    }
  }

  /** Ends a check that is not answered with status 0. Its cursor is durable before it is answered. */
  end(): void {
    this.#latest?.end(this.#emptyAnswer(), this.#callLog.written)
  }

  /** Lets the newest check wait no longer. It ends with status 0; one that still reads what is unseen gives that first. */
  stopWaiting(): void {
    if (this.#latest) this.#stopWaiting(this.#latest)
  }

  #stopWaiting(check: WaitingCheck<CheckAnswer>): void {
    check.mayWait = false
    if (check.isWaiting && check.reads === 0) check.end(this.#emptyAnswer(), this.#callLog.written)
  }

  /** Ends a check whose time is over. One that reads gives that first, unless a push that waits keeps it from reading. */
  #expire(check: WaitingCheck<CheckAnswer>): void {
    check.mayWait = false
    if (!check.isReading) check.end(this.#emptyAnswer(), this.#callLog.written)
  }

  #unseen(): MessagePage | Promise<MessagePage> {
    return this.#callLog.page(this.#callLog.from(undefined))
  }

  #deliverIfAny(check: WaitingCheck<CheckAnswer>, page: MessagePage): void {
    if (!check.ended && (page.messages.length > 0 || page.missed)) this.#deliver(check, page, undefined)
  }

  #deliver(check: WaitingCheck<CheckAnswer>, page: MessagePage, floor: Floor | undefined): void {
    const { base, persisted } = this.#callLog.deliver(page)
    check.end({ status: page.messages.length > 0 ? 1 : 0, ...base, ...(floor && { floor }) }, persisted)
  }

  #emptyAnswer(): CheckAnswer {
    return { status: 0, messages: [], cursor: this.#callLog.state.cursor }
  }
}
