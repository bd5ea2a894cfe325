import { defaultRoomSettings, type RoomSettings, type Seq } from '@midsentence/core'
import type { Chronicle } from './chronicle.ts'
import { type Deed, isPush } from './deeds.ts'
import { type Finding, finding, named } from './finding.ts'

/**
 * Who pushes again within the floor's time after each answer, has read to the end and does not rest is sent by its fifth
 * judged push. Who had the floor is known from what it was told only in part; wherever a name may rest, nothing is said.
 */
export function* nobodyWaitsForEver({ history, deeds, free }: Chronicle): Generator<Finding> {
  const settings = { ...defaultRoomSettings, ...history.settings }
  if (settings.policy === 'annotate') return
  const rests = new Map<string, number>()
  const began = ([first]: readonly Deed[]) => first?.from ?? 0
  const inTime = [...deeds].filter(([{ session }]) => !free.has(session)).sort(([, a], [, b]) => began(a) - began(b))
  for (const [{ name }, done] of inTime) {
    const row = new Row(settings, history.restarts ?? [], rests.get(name.toLowerCase()) ?? 0)
    for (const deed of done) {
      if (row.take(deed) === settings.holds_for_floor + 2) {
        yield finding(
          'P6',
          `${named(deed)} was held again: its author should have been let through by now.`,
          ...row.judged,
        )
      }
    }
    rests.set(name.toLowerCase(), row.restsUntil)
  }
}

/** One session's pushes that were not sent, in a row. */
class Row {
  /** Those judged, while nothing excused the room. */
  judged: Deed[] = []
  /** Until when its name may rest. */
  restsUntil: number
  readonly #settings: RoomSettings
  readonly #restarts: readonly number[]
  /** Holds and waits that may have counted for a floor, since the last push that was sent. */
  #counted: Deed[] = []
  #last: { readonly from: number; readonly to: number; readonly cursor: Seq } | undefined
  /** Until when a call may give its floor up that was made before: one that is long under way may find it has one by then. */
  #yieldsUntil = 0
  /** Is there a hosted draft, so that a check gives no floor up? */
  #drafted = false

  constructor(settings: RoomSettings, restarts: readonly number[], restsUntil: number) {
    this.#settings = settings
    this.#restarts = restarts
    this.restsUntil = restsUntil
  }

  /** How many of its pushes were judged in vain, where this is one more of them; else 0. */
  take(deed: Deed): number {
    const { action, end } = deed
    if (isPush(deed)) return this.#push(deed)
    if (action === 'undo' || action === 'reset') this.#drafted = false
    if (action === 'yield' || action === 'leave' || (action === 'check' && !this.#drafted && end !== 'refused')) {
      this.#yieldsUntil = Math.max(this.#yieldsUntil, deed.to)
      this.#excuse(deed.to)
    }
    return 0
  }

  #push(push: Deed): number {
    if (push.end === 'refused') return 0
    const insists = this.#insists(push)
    if (!insists) this.#excuse(push.from)
    if (push.end === 'unknown') {
      this.#excuse(push.to)
      this.#counted.push(push)
      return 0
    }
    const { from, to, told, action, witness } = push
    this.#last = { from, to, cursor: told!.cursor }
    if (push.end === 'sent') {
      const [first] = this.#counted
      if (this.#mayHaveFloor && first) this.restsUntil = Math.max(this.restsUntil, to + (to - first.from))
      this.judged = []
      this.#counted = []
      this.#drafted = false
      return 0
    }
    this.#drafted = action === 'push'
    this.#counted.push(push)
    if (from <= this.#yieldsUntil) {
      this.#excuse(this.#yieldsUntil)
      return 0
    }
    const waited = told!.floor && told!.floor.name !== witness.name
    if (waited || told!.more || push.from < this.restsUntil) return 0
    return this.judged.push(push)
  }

  /**
   * Does it certainly do what lets nobody keep it waiting? Each call was under way for as long as it took: the room may
   * have given the answer before as soon as that was called, and hear this one as late as it is answered.
   */
  #insists({ from, to, calls }: Deed): boolean {
    const last = this.#last
    if (!last) return true
    if (from <= last.to || to - last.from >= this.#settings.floor_ms) return false
    if (this.#restarts.some(at => at >= last.from && at <= to)) return false
    return calls.every(({ after }) => after === undefined || after >= last.cursor)
  }

  get #mayHaveFloor(): boolean {
    return this.#counted.length >= this.#settings.holds_for_floor
  }

  /** From `moment` on it may have lost a floor without having sent anything. */
  #excuse(moment: number): void {
    this.judged = []
    if (!this.#mayHaveFloor) return
    const { floor_ms, idle_rest } = this.#settings
    this.restsUntil = Math.max(this.restsUntil, moment + 2 * floor_ms * Math.max(idle_rest, 1))
  }
}
