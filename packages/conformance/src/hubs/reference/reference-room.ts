import {
  append,
  type Draft,
  type ErrorCode,
  emptyDraft,
  pageSize,
  type RoomSettings,
  reset,
  type Seq,
  segmentsOf,
  suffixOf,
  textOf,
  undo,
} from '@midsentence/core'
import { Judge, type Said } from './floor-model.ts'

/** What is asked of a session. */
export interface Asked {
  readonly action: 'append' | 'undo' | 'reset' | 'preview' | 'push' | 'publish' | 'check'
  readonly text?: string
  readonly content?: string
  readonly base?: Seq
  readonly after?: Seq
  readonly key?: string
  readonly timeout_ms?: number
  /** A notification. */
  readonly silent?: true
  /** Part of a batch: judged by what was known before it, and waits for nothing. */
  readonly batch?: { readonly cursor: Seq; readonly shown: Seq }
}

/** A message, as far as it can be foretold. */
export interface Foretold {
  readonly seq: Seq
  readonly sender_id: string
  readonly content: string
  readonly base: Seq
  readonly crossed?: readonly Seq[]
}

export type Outcome = { readonly error: ErrorCode } | Readonly<Record<string, unknown>>

/** A call, and how it must end; without an outcome it waits. */
export interface Called {
  readonly who: Member
  readonly asked: Asked
  /** The call that this one repeats, or misuses the key of. */
  readonly again?: Called
  outcome: Outcome | undefined
  /** What who asks again is told, where that is something else: where the message of a notification lies. */
  retold?: Outcome
}

/** A session. */
export class Member {
  readonly name: string
  /** Where its reading began. */
  readonly start: Seq
  cursor: Seq
  shown: Seq
  draft: Draft = emptyDraft
  readonly keys = new Map<string, Called>()
  /** The check that waits for something to be said, and until when. */
  check: { readonly called: Called; readonly until: number } | undefined
  /** What is called behind a push that waits. */
  line: { readonly asked: Asked; readonly begin: () => void }[] = []
  pushing = false
  here = true
  /** The newest check, which ends those before it. */
  latest: Called | undefined

  constructor(name: string, start: Seq) {
    this.name = name
    this.start = start
    this.cursor = start
    this.shown = start
  }
}

type Page = { readonly messages: readonly Foretold[]; readonly through: Seq; readonly more: boolean }

/** A room and its sessions, plain: what a hub is held against, one call after another. */
export class ReferenceRoom {
  readonly judge: Judge<Member>
  readonly members: Member[] = []
  readonly #settings: RoomSettings
  readonly calls: Called[] = []

  constructor(settings: RoomSettings) {
    this.#settings = settings
    this.judge = new Judge(settings)
  }

  get head(): Seq {
    return this.judge.log.length
  }

  member(name: string): Member | undefined {
    return this.members.find(member => member.here && member.name === name)
  }

  join(name: string): Member {
    const member = new Member(name, this.head)
    this.members.push(member)
    return member
  }

  call(who: Member, asked: Asked): Called {
    const first = asked.key === undefined ? undefined : who.keys.get(asked.key)
    const called: Called = { who, asked, outcome: undefined, ...(first && { again: first }) }
    this.calls.push(called)
    if (first) {
      if (!isSameCall(first.asked, asked)) called.outcome = { error: 'invalid-params' }
      return called
    }
    const claimed = asked.after ?? asked.base
    if (asked.action === 'check' && asked.silent) called.outcome = { status: 0, messages: [], cursor: who.cursor }
    else if (claimed !== undefined && claimed > (asked.batch ?? who).shown) called.outcome = { error: 'invalid-params' }
    else {
      if (asked.key !== undefined) who.keys.set(asked.key, called)
      const knew = claimed === undefined ? (asked.batch ?? who).cursor : this.#from(who, claimed)
      if (asked.action === 'check') this.#endCheck(who, called)
      this.#inTurn(who, asked, () => this.#act(called, knew))
    }
    this.#told()
    return called
  }

  yield(who: Member): void {
    this.judge.yield(who)
    this.#told()
  }

  leave(who: Member): void {
    who.here = false
    this.#endCheck(who, undefined)
    for (const called of this.calls) {
      if (called.who !== who || called.outcome || called.again) continue
      called.outcome = called.asked.action === 'check' ? nothing(who) : { error: 'session-unknown' }
    }
    who.line = []
    this.judge.leave(who)
    this.#told()
  }

  /** Lets time pass; what is due happens in order. */
  pass(ms: number): void {
    const end = this.judge.now + ms
    for (;;) {
      const checks = this.members.flatMap(({ check }) => check?.until ?? [])
      const moment = Math.min(this.judge.next, ...checks)
      if (moment > end) break
      this.judge.passTo(moment)
      this.#told()
      for (const who of this.members) if (who.check && who.check.until <= moment) this.#endCheck(who, undefined)
    }
    this.judge.passTo(end)
  }

  /** The hub ends and another goes on over its logs. What waits is told nothing any more, or that it is closing. */
  restart(): void {
    this.judge.restart()
    for (const who of this.members) {
      who.check = undefined
      who.line = []
      who.pushing = false
      who.shown = this.head
      for (const [key, { outcome }] of who.keys) if (!outcome) who.keys.delete(key)
    }
    this.calls.length = 0
  }

  /** Does anybody's push wait, with another behind it? */
  get pushesBehind(): boolean {
    return this.members.some(({ line }) => line.some(({ asked }) => isPush(asked)))
  }

  #inTurn(who: Member, asked: Asked, begin: () => void): void {
    if (who.pushing) who.line.push({ asked, begin })
    else begin()
  }

  #act(called: Called, knew: Seq): void {
    const { who, asked } = called
    switch (asked.action) {
      case 'append':
        return this.#drafted(called, append(who.draft, asked.text!, knew))
      case 'undo':
        return this.#drafted(called, undo(who.draft))
      case 'reset':
        return this.#drafted(called, reset(who.draft))
      case 'preview': {
        const segments = segmentsOf(who.draft).map(({ length, base }) => ({ length, base }))
        const { draft } = who
        const shown = { draft: textOf(draft), length: draft.length, segments, suffix: suffixOf(draft) }
        return this.#answer(called, { status: 1, ...shown })
      }
      case 'push':
      case 'publish':
        return this.#push(called, knew)
      case 'check':
        return this.#check(called)
    }
  }

  #drafted(called: Called, change: { readonly draft: Draft; readonly events: unknown }): void {
    const { draft, events: _, ...told } = change
    called.who.draft = draft
    this.#answer(called, told)
  }

  #push(called: Called, base: Seq): void {
    const { who, asked } = called
    const hosted = asked.action === 'push'
    const content = hosted ? textOf(who.draft) : asked.content!
    if (content === '') {
      called.outcome = { error: 'no-draft' }
      return
    }
    who.pushing = true
    const verdict = (said: Said<Member> | undefined, floor: unknown) => {
      who.pushing = false
      if (said) {
        if (hosted) who.draft = emptyDraft
        const through = said.crossed.length > 0 ? said.base : said.seq
        if (!asked.silent) who.cursor = Math.max(who.cursor, through)
        who.shown = Math.max(who.shown, said.seq)
        const result = { status: 1, seq: said.seq, ...crossedOf(said) }
        this.#answer(called, result)
        if (asked.silent) called.retold = { ...result, messages: [], cursor: through }
      } else {
        const kept = hosted ? who.draft : append(emptyDraft, content, base, whole).draft
        const { segments } = hosted ? who.draft : { segments: 1 }
        this.#answer(called, { status: 0, held: true, suffix: suffixOf(kept), segments, ...(floor ? { floor } : {}) })
      }
      while (!who.pushing && who.line.length > 0) who.line.shift()!.begin()
    }
    const wait = asked.batch ? 0 : (asked.timeout_ms ?? this.#settings.push_wait_ms)
    this.judge.push({ by: who, content, base, counts: !asked.silent, verdict }, wait)
  }

  #check(called: Called): void {
    const { who, asked } = called
    // Ended by a later one before its turn came: what its caller has, it has.
    if (called.outcome) return this.#give(who, { messages: [], through: this.#from(who, asked.after), more: false })
    if (!who.draft.head) this.judge.yield(who)
    const page = this.#page(who, this.#from(who, asked.after))
    this.judge.tell(who)
    const floor = this.judge.floor?.who === who && { floor: this.judge.shown }
    this.#give(who, page)
    const wait = asked.batch ? 0 : Math.min(asked.timeout_ms ?? 25_000, 240_000)
    if (page.messages.length === 0 && !floor && wait > 0) who.check = { called, until: this.judge.now + wait }
    else called.outcome = { status: page.messages.length > 0 ? 1 : 0, ...newsOf(page), ...floor }
  }

  /** What became visible wakes whoever waits for it; then everybody is told what became of their pushes. */
  #told(): void {
    do this.#wake()
    while (this.judge.flush())
  }

  #wake(): void {
    for (const who of this.members) {
      if (!who.check) continue
      const page = this.#page(who, who.cursor)
      if (page.messages.length === 0) continue
      this.#give(who, page)
      who.check.called.outcome = { status: 1, ...newsOf(page) }
      who.check = undefined
    }
  }

  #endCheck(who: Member, next: Called | undefined): void {
    if (who.latest && !who.latest.outcome) who.latest.outcome = nothing(who)
    who.latest = next
    who.check = undefined
  }

  #answer(called: Called, result: Readonly<Record<string, unknown>>): void {
    const { who, asked } = called
    if (asked.silent) {
      called.outcome = { ...result, messages: [], cursor: who.cursor }
      return
    }
    const page = this.#page(who, this.#from(who, asked.after ?? asked.base))
    this.#give(who, page)
    called.outcome = { ...result, ...newsOf(page) }
  }

  #give(who: Member, { through }: Page): void {
    who.cursor = Math.max(who.cursor, through)
    who.shown = Math.max(who.shown, through)
  }

  #from(who: Member, after: Seq | undefined): Seq {
    return after === undefined ? who.cursor : Math.max(after, who.start)
  }

  #page(who: Member, after: Seq): Page {
    const unseen = this.judge.others(who, after)
    const count = pageSize(unseen as never)
    const next = unseen[count]
    const messages = unseen.slice(0, count).map(foretold)
    return { messages, through: next ? next.seq - 1 : Math.max(after, this.head), more: next !== undefined }
  }
}

/** No limits: it was checked as a whole. */
const whole = { segment: Number.POSITIVE_INFINITY, draft: Number.POSITIVE_INFINITY }

export const foretold = (said: Said<Member>): Foretold => ({
  seq: said.seq,
  sender_id: said.by.name,
  content: said.content,
  base: said.base,
  ...crossedOf(said),
})

const crossedOf = ({ crossed }: Said<Member>) => (crossed.length > 0 ? { crossed } : {})
const nothing = (who: Member): Outcome => ({ status: 0, messages: [], cursor: who.cursor })
const newsOf = ({ messages, through, more }: Page) => ({ messages, cursor: through, ...(more && { more }) })
const isPush = ({ action }: Asked): boolean => action === 'push' || action === 'publish'
const isSameCall = (one: Asked, other: Asked): boolean =>
  one.action === other.action && one.text === other.text && one.content === other.content
