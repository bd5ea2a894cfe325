import type { RoomSettings, Seq } from '@midsentence/core'
import { pageSize } from '@midsentence/core'

/** A message, as the reference knows it. */
export interface Said<Who> {
  readonly seq: Seq
  readonly by: Who
  readonly content: string
  readonly base: Seq
  /** What others said between `base` and it. */
  readonly crossed: readonly Seq[]
}

export interface Push<Who> {
  readonly by: Who
  readonly content: string
  readonly base: Seq
  /** False: a notification, whose hold counts for nothing. */
  readonly counts: boolean
  /** Called behind all that the same moment led to; undefined where it was not sent. */
  verdict(said: Said<Who> | undefined, floor: { readonly name: string; readonly for_ms: number } | undefined): void
}

/** Who may speak when: the rules on holds and the floor (H1, F1 to F5), plain and slow. */
export class Judge<Who extends { readonly name: string }> {
  now = 0
  log: readonly Said<Who>[] = []
  floor: { readonly who: Who; readonly since: number; until: number; told: boolean } | undefined
  readonly #settings: RoomSettings
  #earned: Who[] = []
  #waiting: (Push<Who> & { readonly until: number })[] = []
  #rows = new Map<Who, { count: number; newest: Seq }>()
  #rests = new Map<string, number>()
  #verdicts: (() => void)[] = []

  constructor(settings: RoomSettings) {
    this.#settings = settings
  }

  push(push: Push<Who>, wait_ms: number): void {
    const until = this.now + Math.min(Math.max(wait_ms, 0), this.#settings.push_wait_max_ms)
    if (!this.floor || this.floor.who === push.by) this.#judge(push)
    else if (until === this.now) this.#inVain(push)
    else this.#waiting.push({ ...push, until })
    this.#passOn()
  }

  /** An answer tells its holder of the floor: the first that does starts it afresh. */
  tell(who: Who): void {
    if (this.floor?.who !== who || this.floor.told) return
    this.floor.until = this.now + this.#settings.floor_ms
    this.floor.told = true
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

  /** When time alone changes something next. */
  get next(): number {
    return Math.min(this.floor?.until ?? Number.POSITIVE_INFINITY, ...this.#waiting.map(({ until }) => until))
  }

  passTo(moment: number): void {
    this.now = moment
    if (this.floor && this.floor.until <= moment) this.#end('idle')
    this.#passOn()
    for (const push of this.#waiting.filter(({ until }) => until <= moment)) this.#inVain(push)
    this.#passOn()
  }

  /** Another judges from now on: the log is what it was and a floor begins anew, rows and rests are gone. */
  restart(): void {
    const { who } = this.floor ?? {}
    this.floor = undefined
    this.#earned = []
    this.#waiting = []
    this.#rows.clear()
    this.#rests.clear()
    if (who) this.#grant(who)
  }

  /** Tells all verdicts that there are by now; were there any? */
  flush(): boolean {
    const verdicts = this.#verdicts.splice(0)
    for (const tell of verdicts) tell()
    return verdicts.length > 0
  }

  /** What others than `who` said above `after`. */
  others(who: Who, after: Seq): readonly Said<Who>[] {
    return this.log.filter(({ by, seq }) => by !== who && seq > after)
  }

  #judge(push: Push<Who>): void {
    const { by, base, counts } = push
    const unseen = this.others(by, base)
    const { policy, holds_for_floor } = this.#settings
    if (unseen.length === 0 || policy === 'annotate') return this.#send(push, unseen)
    this.#told(push, undefined, () => this.floor?.who === by)
    if (!counts) return
    const row = this.#rows.get(by) ?? { count: 0, newest: 0 }
    const { seq } = unseen.at(-1)!
    const whole = pageSize(unseen as never) === unseen.length
    if (whole && seq > row.newest) this.#rows.set(by, { count: row.count + 1, newest: seq })
    this.#earn(by, holds_for_floor)
    this.tell(by)
  }

  #inVain(push: Push<Who>): void {
    this.#told(push, undefined, () => true)
    if (!push.counts) return
    const row = this.#rows.get(push.by) ?? { count: 0, newest: 0 }
    this.#rows.set(push.by, { ...row, count: row.count + 1 })
    this.#earn(push.by, this.#settings.holds_for_floor)
  }

  #send(push: Push<Who>, unseen: readonly Said<Who>[]): void {
    const { by, content, base } = push
    const said = { seq: this.log.length + 1, by, content, base, crossed: unseen.map(({ seq }) => seq) }
    this.log = [...this.log, said]
    this.#told(push, said, () => false)
    this.#forget(by)
    if (this.floor?.who === by) this.#end('sent')
  }

  #told(push: Push<Who>, said: Said<Who> | undefined, tellsFloor: () => boolean): void {
    this.#waiting = this.#waiting.filter(({ verdict }) => verdict !== push.verdict)
    this.#verdicts.push(() => push.verdict(said, tellsFloor() ? this.shown : undefined))
  }

  /** The floor as answers show it. */
  get shown(): { readonly name: string; readonly for_ms: number } | undefined {
    return this.floor && { name: this.floor.who.name, for_ms: this.floor.until - this.now }
  }

  #earn(who: Who, holds: number): void {
    if (this.#settings.policy === 'annotate' || (this.#rows.get(who)?.count ?? 0) < holds) return
    if ((this.#rests.get(who.name) ?? 0) > this.now || this.floor?.who === who || this.#earned.includes(who)) return
    this.#earned.push(who)
    if (!this.floor) this.#grant(who)
  }

  #grant(who: Who): void {
    this.#earned = this.#earned.filter(other => other !== who)
    this.floor = { who, since: this.now, until: this.now + this.#settings.floor_ms, told: false }
    for (const push of this.#waiting) if (push.by === who && this.floor?.who === who) this.#judge(push)
  }

  #end(how: 'sent' | 'idle'): void {
    const { who, since, until } = this.floor!
    const at = Math.min(this.now, until)
    this.#rests.set(who.name, at + (at - since) * (how === 'sent' ? 1 : this.#settings.idle_rest))
    this.floor = undefined
    this.#rows.delete(who)
  }

  /** To the next who earned the floor; else whoever waits is judged, one at a time. */
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
    this.#rows.delete(who)
    this.#earned = this.#earned.filter(other => other !== who)
  }
}
