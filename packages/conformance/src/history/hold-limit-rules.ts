import { defaultRoomSettings, nameKey, type RoomSettings, type Seq } from '@midsentence/core'
import { describe, finding, type HistoryFinding } from './finding.ts'
import type { HistoryIndex } from './history-index.ts'
import { isAnothersFloor, isPush, type TimedCall } from './timed-call.ts'

/**
 * Checks that a participant's fifth judged push is sent at the latest (P6). Answers show only in part who had the floor.
 * So a name that may rest is not checked.
 */
export function* checkHoldLimit({ history, timedCalls, ignoringHolds }: HistoryIndex): Generator<HistoryFinding> {
  const settings = { ...defaultRoomSettings, ...history.settings }
  if (settings.policy === 'annotate') return
  const rests = new Map<string, number>()
  const began = ([first]: readonly TimedCall[]) => first?.from ?? 0
  const inTime = [...timedCalls]
    .filter(([{ session }]) => !ignoringHolds.has(session))
    .sort(([, a], [, b]) => began(a) - began(b))
  for (const [{ name, replaced = [] }, timedCalls] of inTime) {
    // A replaced session begins without counted holds.
    const restarts = [...(history.restarts ?? []), ...replaced.map(({ at }) => at)]
    const streak = new HoldStreakCheck(settings, restarts, rests.get(nameKey(name)) ?? 0)
    for (const call of timedCalls) {
      if (streak.take(call) === settings.holds_for_floor + 2) {
        yield finding(
          'P6',
          `${describe(call)} was held again, although the room should have sent it by now.`,
          ...streak.judged,
        )
      }
    }
    rests.set(nameKey(name), streak.mayRestUntil)
  }
}

/** Follows one session's pushes in a row that were not sent. */
class HoldStreakCheck {
  /** Judged pushes since the last event that excuses a hold. */
  judged: TimedCall[] = []
  /** The latest time until which its name may rest. */
  mayRestUntil: number
  readonly #settings: RoomSettings
  readonly #restarts: readonly number[]
  /** Holds and waits since the last sent push that may have counted towards a floor. */
  #counted: TimedCall[] = []
  #last: { readonly from: number; readonly to: number; readonly cursor: Seq } | undefined
  /** The end of the last call that gives up a floor. Such a call may take effect at any time until then. */
  #yieldsUntil = 0
  /** Whether there is a hosted draft, so that a check does not give up the floor. */
  #drafted = false

  constructor(settings: RoomSettings, restarts: readonly number[], restsUntil: number) {
    this.#settings = settings
    this.#restarts = restarts
    this.mayRestUntil = restsUntil
  }

  /** Returns how many judged pushes in a row were not sent if `call` is one of them; otherwise 0. */
  take(call: TimedCall): number {
    const { action, outcome } = call
    if (isPush(call)) return this.#push(call)
    if (action === 'undo' || action === 'reset') this.#drafted = false
    if (action === 'yield' || action === 'leave' || (action === 'check' && !this.#drafted && outcome !== 'refused')) {
      this.#yieldsUntil = Math.max(this.#yieldsUntil, call.to)
      this.#stopCounting(call.to)
    }
    return 0
  }

  #push(push: TimedCall): number {
    if (push.outcome === 'refused') return 0
    const meetsConditions = this.#meetsConditions(push)
    if (!meetsConditions) this.#stopCounting(push.from)
    if (push.outcome === 'unknown') {
      this.#stopCounting(push.to)
      this.#counted.push(push)
      return 0
    }
    const { from, to, answer, action, caller } = push
    this.#last = { from, to, cursor: answer!.cursor }
    if (push.outcome === 'sent') {
      const [first] = this.#counted
      if (this.#mayHaveFloor && first) this.mayRestUntil = Math.max(this.mayRestUntil, to + (to - first.from))
      this.judged = []
      this.#counted = []
      this.#drafted = false
      return 0
    }
    this.#drafted = action === 'push'
    this.#counted.push(push)
    if (from <= this.#yieldsUntil) {
      this.#stopCounting(this.#yieldsUntil)
      return 0
    }
    if (isAnothersFloor(caller, answer!) || answer!.more || push.from < this.mayRestUntil) return 0
    return this.judged.push(push)
  }

  /**
   * Tells whether a push certainly meets the conditions of P6. A call takes effect at any time between its start and its
   * end. So the room may have answered the call before at its start, and receive this one at its end.
   */
  #meetsConditions({ from, to, calls }: TimedCall): boolean {
    const last = this.#last
    if (!last) return true
    if (from <= last.to || to - last.from >= this.#settings.floor_ms) return false
    if (this.#restarts.some(at => at >= last.from && at <= to)) return false
    return calls.every(({ after }) => after === undefined || after >= last.cursor)
  }

  get #mayHaveFloor(): boolean {
    return this.#counted.length >= this.#settings.holds_for_floor
  }

  /** Stops counting: at `moment` the session may have lost a floor without sending anything. */
  #stopCounting(moment: number): void {
    this.judged = []
    if (!this.#mayHaveFloor) return
    const { floor_ms, idle_rest } = this.#settings
    this.mayRestUntil = Math.max(this.mayRestUntil, moment + 2 * floor_ms * Math.max(idle_rest, 1))
  }
}
