import { BrokenRule } from '../kit/broken-rule.ts'
import type { RuleId } from '../kit/rules.ts'
import { codeOf, noteOf } from './tool-texts.ts'

/** What a call brings as `read`: none, a code of these tools that covers `covers` messages, or one that is no code of theirs. */
export type BroughtCode = 'none' | 'unknown' | { readonly code: string; readonly covers: number }

interface HeldResult {
  readonly turn: number
  readonly covers: number
  /** When it was read, in milliseconds. */
  readonly at: number
}

/** A call and what came of it. */
export interface ToolOutcome {
  readonly tool: string
  readonly read: BroughtCode
  readonly text: string
  /** The verdict of a push. `empty`: there was no draft. */
  readonly push?: 'sent' | 'held' | 'empty'
}

/** A turn of a host that does not name turns lasts a second. A slow machine makes it uncertain after this time, in milliseconds. */
const SURE_TURN_MS = 500
/** A held push shows again at most this many messages. */
const MAX_SHOWN_AGAIN = 15

/** Models what tools have shown, and what their model has acknowledged. Messages are numbered in the order of the room. */
export class ReadingModel {
  /** How many messages the other participant has sent. */
  said = 0
  turn = 0
  #acknowledged = 0
  readonly #shown = new Set<number>()
  /** Messages that a result may have shown whose call was cancelled meanwhile. */
  readonly #uncertain = new Set<number>()
  /** Those have arrived by now, and a call with a code must show them. */
  #isLate = false
  /** Messages that results have covered so far. */
  #covered = 0
  #held: readonly HeldResult[] = []
  /** Whether held results of earlier turns counted for the last push. */
  #countsHeld = false
  readonly #steps: string[]

  constructor(steps: string[]) {
    this.#steps = steps
  }

  /** Messages that no result has shown for certain, as numbers. */
  get unshown(): readonly number[] {
    return this.#numbers().filter(at => !this.#shown.has(at) && !this.#uncertain.has(at))
  }

  get covered(): number {
    return this.#covered
  }

  /** Acknowledges what a call brings, before its result. */
  acknowledge(read: BroughtCode): void {
    if (typeof read !== 'string') this.#acknowledged = Math.max(this.#acknowledged, read.covers)
  }

  /** Returns the verdict that a push must have now; undefined if the time that has passed leaves it open. */
  expectPush(read: BroughtCode): 'sent' | 'held' | undefined {
    this.#countsHeld = false
    if (typeof read !== 'string') return this.#verdict()
    const isEarlier = (held: HeldResult) => held.turn < this.turn
    const late = this.#held.filter(held => !isEarlier(held) && performance.now() - held.at > SURE_TURN_MS)
    this.#countsHeld = this.#held.some(isEarlier)
    for (const held of this.#held.filter(isEarlier)) this.#acknowledged = Math.max(this.#acknowledged, held.covers)
    this.#held = this.#held.filter(held => !isEarlier(held))
    const verdict = this.#verdict()
    return verdict === 'held' && late.length > 0 ? undefined : verdict
  }

  /** The rule that a push breaks which is not as expected. */
  ruleOfPush(read: BroughtCode, verdict: 'sent' | 'held'): RuleId {
    if (typeof read !== 'string') return read.covers === this.#covered && verdict === 'sent' ? 'U2' : 'U1'
    if (read === 'unknown') return 'U1'
    return this.#held.length > 0 || this.#countsHeld ? 'U4' : 'U2'
  }

  /** Checks a result that the host was given, and counts what it shows. */
  result({ tool, read, text, push }: ToolOutcome): { readonly code?: string } {
    const shows = this.#numbers().filter(at => text.includes(noteOf(at)))
    const isHeld = push === 'held'
    const takesCode = (tool === 'push' || tool === 'check') && typeof read !== 'string'
    const pending = this.#numbers().filter(at => at >= this.#acknowledged)
    const code = codeOf(text)
    if (takesCode) {
      const given = pending.filter(at => this.#shown.has(at) || (this.#isLate && this.#uncertain.has(at)))
      const lacking = given.filter(at => !shows.includes(at))
      if (lacking.length > 0) this.fail('U3', `a call with a code did not show message ${lacking[0]} again`)
    } else if (!isHeld) {
      const again = shows.filter(at => this.#shown.has(at))
      if (again.length > 0) this.fail('U3', `a ${tool} without a code showed message ${again[0]} again`)
    }
    if (isHeld && pending.length <= MAX_SHOWN_AGAIN && pending.some(at => !shows.includes(at)))
      this.fail('U4', 'a held push did not show what it was held for')
    if ((isHeld || shows.length > 0) && code === undefined) this.fail('U1', `the result of ${tool} ends with no code`)
    for (const at of shows) this.#shown.add(at)
    this.#covered = Math.max(this.#covered, ...shows.map(at => at + 1))
    if (isHeld) this.#held = [...this.#held, { turn: this.turn, covers: this.#covered, at: performance.now() }]
    else if (tool === 'push') this.#held = []
    return code === undefined ? {} : { code }
  }

  /** A call was cancelled: its result may be lost that showed the messages so far. */
  cancelledLate(): void {
    for (const at of this.unshown) this.#uncertain.add(at)
  }

  /** Everything has arrived that is on its way. */
  allArrived(): void {
    this.#isLate = true
  }

  fail(id: RuleId, what: string): never {
    throw new BrokenRule(id, what, this.#steps)
  }

  #verdict(): 'sent' | 'held' {
    return this.#acknowledged < this.said ? 'held' : 'sent'
  }

  #numbers(): readonly number[] {
    return Array.from({ length: this.said }, (_, at) => at)
  }
}
