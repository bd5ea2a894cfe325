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
import { FloorModel, type ReferenceMessage } from './floor-model.ts'

/** A call of a session. */
export interface ModelRequest {
  readonly action: 'append' | 'undo' | 'reset' | 'preview' | 'push' | 'publish' | 'check'
  readonly text?: string
  readonly content?: string
  readonly base?: Seq
  readonly after?: Seq
  readonly key?: string
  readonly timeout_ms?: number
  /** Set for a call that gets no answer. */
  readonly notification?: true
  /** Set for a call in a batch: the cursors before the batch, which it is judged by. It never waits. */
  readonly batch?: { readonly cursor: Seq; readonly shown: Seq }
}

/** The part of a message that the reference can predict. */
export interface ExpectedMessage {
  readonly seq: Seq
  readonly sender_id: string
  readonly content: string
  readonly base: Seq
  readonly crossed?: readonly Seq[]
}

export type ModelOutcome = { readonly error: ErrorCode } | Readonly<Record<string, unknown>>

/** A call and its expected outcome; undefined while it waits. */
export interface ModelCall {
  readonly who: Member
  readonly request: ModelRequest
  /** The earlier call with the same key. */
  readonly former?: ModelCall
  outcome: ModelOutcome | undefined
  /** The outcome of a repeated call if it differs: for a notification it has the seq. */
  repeatedOutcome?: ModelOutcome
}

/** A session of the reference room. */
export class Member {
  readonly name: string
  /** The cursor at join. */
  readonly start: Seq
  cursor: Seq
  shown: Seq
  draft: Draft = emptyDraft
  readonly keys = new Map<string, ModelCall>()
  /** The waiting check and its deadline. */
  check: { readonly call: ModelCall; readonly until: number } | undefined
  /** Calls that wait for the outcome of a push. */
  queue: { readonly request: ModelRequest; readonly begin: () => void }[] = []
  pushing = false
  here = true
  /** The newest check. It ends earlier ones. */
  latest: ModelCall | undefined

  constructor(name: string, start: Seq) {
    this.name = name
    this.start = start
    this.cursor = start
    this.shown = start
  }
}

type Page = { readonly messages: readonly ExpectedMessage[]; readonly through: Seq; readonly more: boolean }

/** A room and its sessions, written independently of the hub. It predicts the answers of a hub, call by call. */
export class ReferenceRoom {
  readonly floors: FloorModel<Member>
  readonly members: Member[] = []
  readonly #settings: RoomSettings
  readonly calls: ModelCall[] = []

  constructor(settings: RoomSettings) {
    this.#settings = settings
    this.floors = new FloorModel(settings)
  }

  get head(): Seq {
    return this.floors.log.length
  }

  member(name: string): Member | undefined {
    return this.members.find(member => member.here && member.name === name)
  }

  join(name: string): Member {
    const member = new Member(name, this.head)
    this.members.push(member)
    return member
  }

  call(who: Member, request: ModelRequest): ModelCall {
    const first = request.key === undefined ? undefined : who.keys.get(request.key)
    const call: ModelCall = { who, request, outcome: undefined, ...(first && { former: first }) }
    this.calls.push(call)
    if (first) {
      if (!isSameCall(first.request, request)) call.outcome = { error: 'invalid-params' }
      return call
    }
    const claimed = request.after ?? request.base
    if (request.action === 'check' && request.notification)
      call.outcome = { status: 0, messages: [], cursor: who.cursor }
    else if (claimed !== undefined && claimed > (request.batch ?? who).shown) call.outcome = { error: 'invalid-params' }
    else {
      if (request.key !== undefined) who.keys.set(request.key, call)
      const knew = claimed === undefined ? (request.batch ?? who).cursor : this.#from(who, claimed)
      if (request.action === 'check') this.#endCheck(who, call)
      this.#inTurn(who, request, () => this.#act(call, knew))
    }
    this.#deliver()
    return call
  }

  yield(who: Member): void {
    this.floors.yield(who)
    this.#deliver()
  }

  leave(who: Member): void {
    who.here = false
    this.#endCheck(who, undefined)
    for (const call of this.calls) {
      if (call.who !== who || call.outcome || call.former) continue
      call.outcome = call.request.action === 'check' ? nothing(who) : { error: 'session-unknown' }
    }
    who.queue = []
    this.floors.leave(who)
    this.#deliver()
  }

  /** Advances the time. Deadlines take effect in order. */
  pass(ms: number): void {
    const end = this.floors.now + ms
    for (;;) {
      const checks = this.members.flatMap(({ check }) => check?.until ?? [])
      const moment = Math.min(this.floors.next, ...checks)
      if (moment > end) break
      this.floors.passTo(moment)
      this.#deliver()
      for (const who of this.members) if (who.check && who.check.until <= moment) this.#endCheck(who, undefined)
    }
    this.floors.passTo(end)
  }

  /** Applies a restart of the hub. Waiting calls end without an outcome. */
  restart(): void {
    this.floors.restart()
    for (const who of this.members) {
      who.check = undefined
      who.queue = []
      who.pushing = false
      who.shown = this.head
      for (const [key, { outcome }] of who.keys) if (!outcome) who.keys.delete(key)
    }
    this.calls.length = 0
  }

  /** Whether a push is queued after a waiting push of the same session. */
  get pushesQueued(): boolean {
    return this.members.some(({ queue }) => queue.some(({ request }) => isPush(request)))
  }

  #inTurn(who: Member, request: ModelRequest, begin: () => void): void {
    if (who.pushing) who.queue.push({ request, begin })
    else begin()
  }

  #act(call: ModelCall, knew: Seq): void {
    const { who, request } = call
    switch (request.action) {
      case 'append':
        return this.#drafted(call, append(who.draft, request.text!, knew))
      case 'undo':
        return this.#drafted(call, undo(who.draft))
      case 'reset':
        return this.#drafted(call, reset(who.draft))
      case 'preview': {
        const segments = segmentsOf(who.draft).map(({ length, base }) => ({ length, base }))
        const { draft } = who
        const shown = { draft: textOf(draft), length: draft.length, segments, suffix: suffixOf(draft) }
        return this.#answer(call, { status: 1, ...shown })
      }
      case 'push':
      case 'publish':
        return this.#push(call, knew)
      case 'check':
        return this.#check(call)
    }
  }

  #drafted(call: ModelCall, change: { readonly draft: Draft; readonly events: unknown }): void {
    const { draft, events: _, ...result } = change
    call.who.draft = draft
    this.#answer(call, result)
  }

  #push(call: ModelCall, base: Seq): void {
    const { who, request } = call
    const hosted = request.action === 'push'
    const content = hosted ? textOf(who.draft) : request.content!
    if (content === '') {
      call.outcome = { error: 'no-draft' }
      return
    }
    who.pushing = true
    const verdict = (said: ReferenceMessage<Member> | undefined, floor: unknown) => {
      who.pushing = false
      if (said) {
        if (hosted) who.draft = emptyDraft
        const through = said.crossed.length > 0 ? said.base : said.seq
        if (!request.notification) who.cursor = Math.max(who.cursor, through)
        who.shown = Math.max(who.shown, said.seq)
        const result = { status: 1, seq: said.seq, ...crossedOf(said) }
        this.#answer(call, result)
        if (request.notification) call.repeatedOutcome = { ...result, messages: [], cursor: through }
      } else {
        const kept = hosted ? who.draft : append(emptyDraft, content, base, whole).draft
        const { segments } = hosted ? who.draft : { segments: 1 }
        this.#answer(call, { status: 0, held: true, suffix: suffixOf(kept), segments, ...(floor ? { floor } : {}) })
      }
      while (!who.pushing && who.queue.length > 0) who.queue.shift()!.begin()
    }
    const wait = request.batch ? 0 : (request.timeout_ms ?? this.#settings.push_wait_ms)
    this.floors.push({ by: who, content, base, counts: !request.notification, verdict }, wait)
  }

  #check(call: ModelCall): void {
    const { who, request } = call
    // A later check ended this one in the queue. Its caller still counts as shown up to `after`.
    if (call.outcome) return this.#give(who, { messages: [], through: this.#from(who, request.after), more: false })
    if (!who.draft.head) this.floors.yield(who)
    const page = this.#page(who, this.#from(who, request.after))
    this.floors.describe(who)
    const floor = this.floors.floor?.who === who && { floor: this.floors.shown }
    this.#give(who, page)
    const wait = request.batch ? 0 : Math.min(request.timeout_ms ?? 25_000, 240_000)
    if (page.messages.length === 0 && !floor && wait > 0) who.check = { call, until: this.floors.now + wait }
    else call.outcome = { status: page.messages.length > 0 ? 1 : 0, ...newsOf(page), ...floor }
  }

  /** Wakes checks that a message ends, then delivers the outcomes of pushes, until neither has an effect. */
  #deliver(): void {
    do this.#wake()
    while (this.floors.flush())
  }

  #wake(): void {
    for (const who of this.members) {
      if (!who.check) continue
      const page = this.#page(who, who.cursor)
      if (page.messages.length === 0) continue
      this.#give(who, page)
      who.check.call.outcome = { status: 1, ...newsOf(page) }
      who.check = undefined
    }
  }

  #endCheck(who: Member, next: ModelCall | undefined): void {
    if (who.latest && !who.latest.outcome) who.latest.outcome = nothing(who)
    who.latest = next
    who.check = undefined
  }

  #answer(call: ModelCall, result: Readonly<Record<string, unknown>>): void {
    const { who, request } = call
    if (request.notification) {
      call.outcome = { ...result, messages: [], cursor: who.cursor }
      return
    }
    const page = this.#page(who, this.#from(who, request.after ?? request.base))
    this.#give(who, page)
    call.outcome = { ...result, ...newsOf(page) }
  }

  #give(who: Member, { through }: Page): void {
    who.cursor = Math.max(who.cursor, through)
    who.shown = Math.max(who.shown, through)
  }

  #from(who: Member, after: Seq | undefined): Seq {
    return after === undefined ? who.cursor : Math.max(after, who.start)
  }

  #page(who: Member, after: Seq): Page {
    const unseen = this.floors.others(who, after)
    const count = pageSize(unseen as never)
    const next = unseen[count]
    const messages = unseen.slice(0, count).map(expectedMessage)
    return { messages, through: next ? next.seq - 1 : Math.max(after, this.head), more: next !== undefined }
  }
}

/** No limits: a published content is never cut. */
const whole = { segment: Number.POSITIVE_INFINITY, draft: Number.POSITIVE_INFINITY, segments: 1 }

export const expectedMessage = (said: ReferenceMessage<Member>): ExpectedMessage => ({
  seq: said.seq,
  sender_id: said.by.name,
  content: said.content,
  base: said.base,
  ...crossedOf(said),
})

const crossedOf = ({ crossed }: ReferenceMessage<Member>) => (crossed.length > 0 ? { crossed } : {})
const nothing = (who: Member): ModelOutcome => ({ status: 0, messages: [], cursor: who.cursor })
const newsOf = ({ messages, through, more }: Page) => ({ messages, cursor: through, ...(more && { more }) })
const isPush = ({ action }: ModelRequest): boolean => action === 'push' || action === 'publish'
const isSameCall = (one: ModelRequest, other: ModelRequest): boolean =>
  one.action === other.action && one.text === other.text && one.content === other.content
