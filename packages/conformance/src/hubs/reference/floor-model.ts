import type { RoomSettings, Seq } from '@midsentence/core'
import { pageSize } from '@midsentence/core'

/** A message of the reference room. */
export interface ReferenceMessage<Who> {
  readonly seq: Seq
  readonly by: Who
  readonly content: string
  readonly base: Seq
  /** Seqs of messages by others between `base` and this one. */
  readonly crossed: readonly Seq[]
}

export interface ReferencePush<Who> {
  readonly by: Who
  readonly content: string
  readonly base: Seq
  /** Whether a hold counts. False for notifications. */
  readonly counts: boolean
  /** Receives the outcome after all other effects of the same moment; undefined if the push is held. */
  verdict(
    said: ReferenceMessage<Who> | undefined,
    floor: { readonly name: string; readonly for_ms: number } | undefined,
  ): void
}

/** The rules on holds and the floor (H1, F1 to F5), written for clarity instead of speed. */
export class FloorModel<Who extends { readonly name: string }> {
  now = 0
  log: readonly ReferenceMessage<Who>[] = []
  floor: { readonly who: Who; readonly since: number; until: number; announced: boolean } | undefined
  readonly #settings: RoomSettings
  #earned: Who[] = []
  #waiting: (ReferencePush<Who> & { readonly until: number })[] = []
  #streaks = new Map<Who, { count: number; newest: Seq }>()
  #rests = new Map<string, number>()
  #verdicts: (() => void)[] = []

  constructor(settings: RoomSettings) {
    this.#settings = settings
  }

  push(push: ReferencePush<Who>, wait_ms: number): void {
    const until = this.now + Math.min(Math.max(wait_ms, 0), this.#settings.push_wait_max_ms)
    if (!this.floor || this.floor.who === push.by) this.#judge(push)
    else if (until === this.now) this.#timeOut(push)
    else this.#waiting.push({ ...push, until })
    this.#passOn()
  }

  /** Notes that an answer names the holder. The first such answer restarts the time of the floor. */
  describe(who: Who): void {
    if (this.floor?.who !== who || this.floor.announced) return
    this.floor.until = this.now + this.#settings.floor_ms
    this.floor.announced = true
  }

  yield(who: Who): void {
    if (this.floor?.who === who) this.#end('idle')
    this.#passOn()
  }

  leave(who: Who): void {
    if (this.floor?.who === who) this.#end('idle')
    this.#waiting = this.#waiting.filter(({ by }) => by !== who)
    this.#forget(who)
    this.#passOn()
  }

  /** The next moment at which time alone has an effect. */
  get next(): number {
    return Math.min(this.floor?.until ?? Number.POSITIVE_INFINITY, ...this.#waiting.map(({ until }) => until))
  }

  passTo(moment: number): void {
    this.now = moment
    if (this.floor && this.floor.until <= moment) this.#end('idle')
    this.#passOn()
    for (const push of this.#waiting.filter(({ until }) => until <= moment)) this.#timeOut(push)
    this.#passOn()
  }

  /** Applies a restart of the hub: the log stays, the floor is granted again, streaks of holds and rests are lost. */
  restart(): void {
    const { who } = this.floor ?? {}
    this.floor = undefined
    this.#earned = []
    this.#waiting = []
    this.#streaks.clear()
    this.#rests.clear()
    if (who) this.#grant(who)
  }

  /** Delivers the outcomes so far. Returns whether there were any. */
  flush(): boolean {
    const verdicts = this.#verdicts.splice(0)
    for (const describe of verdicts) describe()
    return verdicts.length > 0
  }

  /** Returns messages by others than `who` above `after`. */
  others(who: Who, after: Seq): readonly ReferenceMessage<Who>[] {
    return this.log.filter(({ by, seq }) => by !== who && seq > after)
  }

  #judge(push: ReferencePush<Who>): void {
    const { by, base, counts } = push
    const unseen = this.others(by, base)
    const { policy, holds_for_floor } = this.#settings
    if (unseen.length === 0 || policy === 'annotate') return this.#send(push, unseen)
    this.#deliver(push, undefined, () => this.floor?.who === by)
    if (!counts) return
    const streak = this.#streaks.get(by) ?? { count: 0, newest: 0 }
    const { seq } = unseen.at(-1)!
    const whole = pageSize(unseen as never) === unseen.length
    if (whole && seq > streak.newest) this.#streaks.set(by, { count: streak.count + 1, newest: seq })
    this.#earn(by, holds_for_floor)
    this.describe(by)
  }

  #timeOut(push: ReferencePush<Who>): void {
    this.#deliver(push, undefined, () => true)
    if (!push.counts) return
    const streak = this.#streaks.get(push.by) ?? { count: 0, newest: 0 }
    this.#streaks.set(push.by, { ...streak, count: streak.count + 1 })
    this.#earn(push.by, this.#settings.holds_for_floor)
  }

  #send(push: ReferencePush<Who>, unseen: readonly ReferenceMessage<Who>[]): void {
    const { by, content, base } = push
    const said = { seq: this.log.length + 1, by, content, base, crossed: unseen.map(({ seq }) => seq) }
    this.log = [...this.log, said]
    this.#deliver(push, said, () => false)
    this.#forget(by)
    if (this.floor?.who === by) this.#end('sent')
  }

  #deliver(push: ReferencePush<Who>, said: ReferenceMessage<Who> | undefined, tellsFloor: () => boolean): void {
    this.#waiting = this.#waiting.filter(({ verdict }) => verdict !== push.verdict)
    this.#verdicts.push(() => push.verdict(said, tellsFloor() ? this.shown : undefined))
  }

  /** The floor as answers contain it. */
  get shown(): { readonly name: string; readonly for_ms: number } | undefined {
    return this.floor && { name: this.floor.who.name, for_ms: this.floor.until - this.now }
  }

  #earn(who: Who, holds: number): void {
    if (this.#settings.policy === 'annotate' || (this.#streaks.get(who)?.count ?? 0) < holds) return
    if ((this.#rests.get(who.name) ?? 0) > this.now || this.floor?.who === who || this.#earned.includes(who)) return
    this.#earned.push(who)
    if (!this.floor) this.#grant(who)
  }

  #grant(who: Who): void {
    this.#earned = this.#earned.filter(other => other !== who)
    this.floor = { who, since: this.now, until: this.now + this.#settings.floor_ms, announced: false }
    for (const push of this.#waiting) if (push.by === who && this.floor?.who === who) this.#judge(push)
  }

  #end(how: 'sent' | 'idle'): void {
    const { who, since, until } = this.floor!
    const at = Math.min(this.now, until)
    this.#rests.set(who.name, at + (at - since) * (how === 'sent' ? 1 : this.#settings.idle_rest))
    this.floor = undefined
    this.#streaks.delete(who)
  }

  /** Grants the floor to the next who earned it. Without one, waiting pushes are judged, one at a time. */
  #passOn(): void {
    while (!this.floor) {
      const [next] = this.#earned
      const [push] = this.#waiting
      if (next) this.#grant(next)
      else if (push) this.#judge(push)
      else return
    }
  }

  #forget(who: Who): void {
    this.#streaks.delete(who)
    this.#earned = this.#earned.filter(other => other !== who)
  }
}
