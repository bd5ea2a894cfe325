import { moreText, renderHeard } from '@midsentence/client'
import { type ActionAnswer, type Clock, isMidsentenceError, type Message, pageSize, type Seq } from '@midsentence/core'
import { CHECK_DEFAULT_MS, CHECK_MAX_MS, type ToolName } from './definitions.ts'
import { localReadCodes, type ReadCodes } from './read-codes.ts'
import { resultText, type ToolData, type ToolResult } from './result-text.ts'

/** Messages that are kept until a code acknowledges them. Those that no result has shown are never dropped. */
export const MAX_UNREAD = 1000
/** How many messages a held push shows again that an earlier result has shown. */
const SHOWN_AGAIN = 20
/** How long after a held answer a push without a code counts as one of a later turn, in milliseconds. */
const TURN_MS = 1000
/** Most held answers that wait for a push of a later turn. */
const MAX_HELD = 10
/** After how many empty checks in a row a longer wait is suggested. */
const EMPTY_CHECKS = 2

interface UnreadMessage {
  readonly message: Message
  /** It was said before the participant joined. */
  readonly history: boolean
  shown: boolean
}

interface HeldReading {
  readonly seq: Seq
  readonly turn: unknown
  readonly at: number
}

/**
 * Returns the newest own seq after `from` in an answer, or 0. An answer has the messages of others: what lies between, up to its
 * cursor, and is not missed, its reader wrote itself, perhaps in another process.
 */
function lastOwnIn(from: Seq, { messages, missed, cursor }: Pick<ActionAnswer, 'messages' | 'missed' | 'cursor'>): Seq {
  const given = new Set(messages.map(({ seq }) => seq))
  for (let seq = cursor; seq > from; seq--) {
    if (missed && seq >= missed.from && seq <= missed.to) seq = missed.from
    else if (!given.has(seq)) return seq
  }
  return 0
}

/** What a result is made of besides its data. */
export interface ShowOptions {
  readonly name: string
  readonly signal: AbortSignal | undefined
  readonly turn: unknown
  /** The call brought a code. Everything after it is shown again. */
  readonly hasCode: boolean
  /** Observers of the room see drafts. The first result says so. */
  readonly observable: boolean
  /** What they see is kept. The first result says so too. */
  readonly recorded: boolean
  /** Sentences about the start, for the first result. */
  readonly notices?: readonly string[]
  /**
   * A person silences the models of the room. Every result says so while it lasts, and the next one says its end: what a
   * silenced model writes costs money. Absent: not known.
   */
  readonly hushed?: boolean | undefined
}

/** Tracks what a model has read: what results have shown, and what the model has acknowledged by their codes. */
export class ReadLog {
  readonly #clock: Clock
  #codes: ReadCodes
  #messages: UnreadMessage[] = []
  /** The newest acknowledged reading. */
  #read: Seq
  /** Whether it was acknowledged. It begins as what the session was given. */
  #acknowledged = false
  /** The newest seq that an answer gave, also as missed. */
  #given: Seq
  /** The newest cursor of an answer. */
  #cursor: Seq
  #held: HeldReading[] = []
  /** What each result showed for the first time, by its data. */
  readonly #shownBy = new WeakMap<
    ToolData,
    { readonly messages: readonly UnreadMessage[]; readonly held?: HeldReading }
  >()
  /** The seq of the newest own message. */
  #lastOwn: Seq = 0
  #emptyChecks = 0
  #told = false
  /** The model knows that it is silenced. */
  #hushTold = false

  /** `cursor`: where reading begins. */
  constructor(cursor: Seq, clock: Clock, codes: ReadCodes = localReadCodes()) {
    this.#read = cursor
    this.#given = cursor
    this.#cursor = cursor
    this.#clock = clock
    this.#codes = codes
  }

  /** The seq by which a push is judged. Own messages after the acknowledged reading count as read. */
  get base(): Seq {
    return this.#given > this.#read ? this.#read : this.#cursor
  }

  /** The newest cursor of an answer. */
  get cursor(): Seq {
    return this.#cursor
  }

  /** 1,000 messages wait to be shown: no more may be asked for. */
  get isFull(): boolean {
    return this.#messages.reduce((count, { shown }) => count + (shown ? 0 : 1), 0) >= MAX_UNREAD
  }

  /** Adds what an answer gave. A message that is known already is not added again. */
  add({ messages, missed, cursor, rejoined, history = 0 }: Omit<ActionAnswer, 'status'>): void {
    if (rejoined === 'room') this.#restart()
    else this.#lastOwn = Math.max(this.#lastOwn, lastOwnIn(this.#cursor, { messages, missed, cursor }))
    const newest = Math.max(messages.at(-1)?.seq ?? 0, missed?.to ?? 0)
    if (newest > this.#given && this.#given <= this.#read) this.#read = this.#cursor
    this.#given = Math.max(this.#given, newest)
    this.#cursor = Math.max(this.#cursor, cursor)
    const known = new Set(this.#messages.map(({ message }) => message.message_id))
    for (const [at, message] of messages.entries()) {
      if (known.has(message.message_id) || (message.seq > 0 && message.seq <= this.#read)) continue
      this.#messages.push({ message, history: at < history, shown: false })
    }
    this.#messages.sort((a, b) => a.message.seq - b.message.seq)
    while (this.#messages.length > MAX_UNREAD && this.#messages[0]!.shown) this.#messages.shift()
  }

  /** The room is another one: seqs start again, and earlier codes mean nothing. */
  #restart(): void {
    this.#codes = localReadCodes()
    this.#messages = this.#messages
      .filter(({ shown }) => !shown)
      .map(each => ({ ...each, message: { ...each.message, seq: 0 } }))
    this.#read = this.#given = this.#cursor = this.#lastOwn = 0
    this.#held = []
  }

  /** Acknowledges the newest valid code in `read`. Returns whether there is one. */
  acknowledge(read: unknown): boolean {
    const text = typeof read === 'string' ? read.slice(0, 1000) : ''
    const seqs = [...text.matchAll(/(?<!\d)(\d{1,15})\s*-\s*([a-z]{2})(?![a-z])/gi)].flatMap(([, digits, letters]) =>
      this.#codes.has(Number(digits), letters!.toLowerCase()) ? [Number(digits)] : [],
    )
    if (seqs.length === 0) return false
    const newest = Math.max(...seqs)
    // Another instance was given what came after it, and the model may not have read that.
    if (!this.#acknowledged) this.#read = Math.min(this.#read, newest)
    this.#advance(newest)
    return true
  }

  /** Returns the base of a push. Without a code it counts the held answers of earlier turns as read. */
  pushBase(hasCode: boolean, turn: unknown): Seq {
    if (hasCode) return this.base
    const now = this.#clock.monotonic()
    const isEarlier = (held: HeldReading) =>
      held.turn !== undefined && turn !== undefined ? held.turn !== turn : now - held.at >= TURN_MS
    for (const held of this.#held.filter(isEarlier)) this.#advance(held.seq)
    this.#held = this.#held.filter(held => !isEarlier(held))
    return this.base
  }

  #advance(seq: Seq): void {
    this.#acknowledged = true
    this.#read = Math.max(this.#read, seq)
    this.#given = Math.max(this.#given, seq)
    this.#cursor = Math.max(this.#cursor, seq)
    this.#messages = this.#messages.filter(({ message, shown }) => message.seq > this.#read || !shown)
  }

  /** Whether a result has something to show already, so that a check must not wait. */
  hasNews(hasCode: boolean): boolean {
    return this.#messages.some(({ shown }) => hasCode || !shown)
  }

  /** Returns the result of a call: its data, the messages to show, and their code. Throws the abort reason after an abort. */
  show(
    tool: ToolName,
    data: ToolData,
    { name, signal, turn, hasCode, observable, recorded, hushed, notices = [] }: ShowOptions,
  ): ToolResult {
    if (signal?.aborted) throw signal.reason
    const isHeld = 'held' in data && data.held === true
    const all = this.#toShow(hasCode, isHeld)
    const shown = pageSize(all.map(({ message }) => message))
    const page = all.slice(0, shown)
    const first = page.filter(each => !each.shown)
    for (const each of page) each.shown = true
    const hasMissed = 'missed' in data && data.missed !== undefined
    const seq = shown < all.length ? page.at(-1)!.message.seq : this.#given
    const held = isHeld ? { seq, turn, at: this.#clock.monotonic() } : undefined
    if (held) this.#held = [...this.#held.slice(0, MAX_HELD - 1), held]
    else if (tool === 'push') this.#held = []
    const history = page.filter(each => each.history).length
    const notice = observable && !this.#told
    this.#told ||= observable
    const said = {
      messages: page.map(({ message }) => message),
      ...(history > 0 && { history }),
      ...(shown < all.length && { more: true as const }),
      ...(notice && { observable: true as const }),
      ...(notice && recorded && { recorded: true as const }),
      ...(notices.length > 0 && { notices }),
      ...(hushed !== undefined && (hushed || this.#hushTold) && { hushed }),
      ...((shown > 0 || isHeld || hasMissed) && { read: this.#codes.of(seq) }),
      ...this.#suggestion(tool, shown > 0 || hasMissed),
    }
    this.#hushTold = hushed ?? this.#hushTold
    if (tool === 'push' && 'seq' in data) this.#lastOwn = Math.max(this.#lastOwn, data.seq)
    const reading = { now: this.#clock.now(), lastOwn: this.#lastOwn }
    if (!('messages' in data)) {
      const { messages, more, history = 0, ...rest } = said
      const text = resultText(tool, { ...data, ...rest }, name)
      this.#shownBy.set(data, { messages: first })
      const parts = [renderHeard({ messages, history }, reading), ...(more ? [`* ${moreText}`] : []), text]
      return { data, text: parts.filter(part => part !== '').join('\n') }
    }
    const { messages: _messages, history: _history, ...rest } = data
    const merged = {
      ...rest,
      ...said,
      ...(said.more && { cursor: Math.min(data.cursor, seq) }),
      ...(tool === 'check' && shown > 0 && { status: 1 as const }),
    } as ToolData
    this.#shownBy.set(merged, { messages: first, ...(held && { held }) })
    return { text: resultText(tool, merged, name, reading), data: merged }
  }

  /** Notes what the error of a call tells its model: a push that is refused since a person silences the models says so. */
  noteFailure(error: unknown): void {
    if (isMidsentenceError(error) && error.data.reason === 'hushed') this.#hushTold = true
  }

  /** Shows what a result showed once more, because its host has not taken it. What a code has acknowledged since stays read. */
  giveAgain({ data }: ToolResult): void {
    const shown = data && this.#shownBy.get(data)
    if (!shown) return
    for (const each of shown.messages) each.shown = false
    this.#held = this.#held.filter(held => held !== shown.held)
  }

  /** With a code everything after it. Without one what no result has shown; a held push shows a few of the others again. */
  #toShow(hasCode: boolean, isHeld: boolean): readonly UnreadMessage[] {
    if (hasCode) return this.#messages
    const first = this.#messages.findIndex(({ shown }) => !shown)
    const from = first < 0 ? this.#messages.length : first
    return this.#messages.slice(isHeld ? Math.max(0, from - SHOWN_AGAIN) : from).filter(({ shown }) => isHeld || !shown)
  }

  /** A host ends a session whose calls are identical, so that each suggested wait differs from the one before. */
  #suggestion(tool: ToolName, hasNews: boolean): { readonly suggested_ms?: number } {
    if (hasNews) this.#emptyChecks = 0
    if (tool !== 'check' || hasNews) return {}
    const step = this.#emptyChecks++ - EMPTY_CHECKS
    const steps = (CHECK_MAX_MS - CHECK_DEFAULT_MS) / 5000
    return step < 0 ? {} : { suggested_ms: CHECK_DEFAULT_MS + 5000 * (1 + (step % steps)) }
  }
}
