import type { ConverseEvent } from '@midsentence/agent'
import type { TraceEvent } from '@midsentence/arena'
import type { Floor, Seq } from '@midsentence/core'

type AskedEvent = { -readonly [K in keyof TraceEvent]: TraceEvent[K] } & {
  type: 'asked'
  fresh: number
  cached: number
}

/** Characters of a token, as the arena and the loop estimate them. */
const TOKEN_CHARACTERS = 4

/** A call at the room, as its event tells of it. Times in milliseconds since the start of the run. */
interface LiveCall {
  readonly method: 'append' | 'check' | 'push'
  readonly called_at: number
  readonly answered_at: number
  readonly given: readonly Seq[]
  readonly text?: string
  readonly seq?: Seq
  readonly held?: true
  readonly floor?: Floor
}

/**
 * Turns the events of a model's conversation into the trace of an author, for the measures. An author wants to say something from
 * the call of its model that led to its first words on. A push has no event:
 * each hold and each sent message counts as one, which began at the event before it.
 */
export class LiveTrace {
  readonly trace: TraceEvent[] = []
  readonly calls: LiveCall[] = []
  /** Tokens as the endpoint reports them, and whether some are estimated since it did not. */
  readonly tokens = { input: 0, output: 0, estimated: false }
  interruptions = 0
  holds = 0
  /** Turns in which it said nothing. */
  silentTurns = 0
  /** Failed calls, and other errors that were retried. */
  troubles = 0
  /** It waits for a message, or has left. */
  isIdle = false
  readonly #now: () => number
  readonly #lengths = new Map<Seq, number>()
  readonly #known = new Set<Seq>()
  /** It was shown every message up to here, or wrote it. */
  #read: Seq = 0
  #draft: string[] = []
  /** The first call of this turn. */
  #begun: { readonly at: number; readonly index: number } | undefined
  #wants = false
  #asked: AskedEvent | undefined
  /** When the calls at the room began that the next event tells of, at the latest. */
  #last = 0

  /** `now` returns milliseconds since the start of the run. */
  constructor(now: () => number) {
    this.#now = now
  }

  add(event: ConverseEvent): void {
    const at = this.#now()
    this.#take(event, at)
    // The answer of a push is heard before the event of the push.
    if (event.type !== 'heard') this.#last = at
  }

  #take(event: ConverseEvent, at: number): void {
    switch (event.type) {
      case 'heard':
        for (const { seq, content } of event.messages) this.#lengths.set(seq, content.length)
        return this.#note('check', at, { given: event.messages.map(({ seq }) => seq) })
      case 'asked':
        return this.#ask(event, at)
      case 'wrote':
        this.#want()
        this.#undoTo(event.segment - 1, at)
        this.#draft.push(event.text)
        this.trace.push({ at, type: 'wrote', text: event.text })
        return this.#note('append', at, { text: event.text })
      case 'kept':
        return this.#undoTo(event.segments, at)
      case 'interrupted':
        this.interruptions++
        return
      case 'held':
        this.holds++
        this.trace.push({ at, type: 'pushed' }, { at, type: 'held', floor: event.floor !== undefined })
        return this.#note('push', at, { held: true, ...(event.floor && { floor: event.floor }) })
      case 'sent':
        this.trace.push({ at, type: 'pushed' }, { at, type: 'sent', content: event.content, seq: event.seq })
        this.#note('push', at, { seq: event.seq })
        this.#learn([event.seq])
        this.#draft = []
        return this.#rest()
      case 'silent':
        this.silentTurns++
        this.#undoTo(0, at)
        if (this.#wants) this.trace.push({ at, type: 'withdrew' })
        return this.#rest()
      case 'trouble':
        this.troubles++
        if (!event.waits) return
        this.isIdle = true
        // What it had begun to say it still wants to say, in its next turn.
        if (!this.#wants) this.#begun = undefined
        return
      case 'spent':
        this.tokens.input += event.input
        this.tokens.output += event.output
        this.tokens.estimated ||= event.estimated && event.input + event.output > 0
        if (this.#asked) this.#asked.cached = Math.max(0, event.input - this.#asked.fresh)
        return
      case 'left':
        this.isIdle = true
        return
    }
  }

  #ask({ why, shown }: Extract<ConverseEvent, { type: 'asked' }>, at: number): void {
    this.isIdle = false
    this.#begun ??= { at, index: this.trace.length }
    if (why === 'interrupted' || why === 'held') this.trace.push({ at, type: 'reviewed', why })
    const fresh = shown.reduce((sum, seq) => sum + Math.ceil((this.#lengths.get(seq) ?? 0) / TOKEN_CHARACTERS), 0)
    this.#asked = { at, type: 'asked', fresh, cached: 0 }
    this.trace.push(this.#asked)
    this.#learn(shown)
    this.trace.push({ at, type: 'read', seq: this.#read })
  }

  /** Notes the wish to speak where its turn began. */
  #want(): void {
    if (this.#wants || !this.#begun) return
    this.#wants = true
    this.trace.splice(this.#begun.index, 0, { at: this.#begun.at, type: 'wanted' })
  }

  #note(method: LiveCall['method'], at: number, details: Partial<LiveCall>): void {
    this.calls.push({ method, called_at: this.#last, answered_at: at, given: [], ...details })
  }

  #undoTo(kept: number, at: number): void {
    while (this.#draft.length > kept) this.trace.push({ at, type: 'undid', text: this.#draft.pop()! })
  }

  /** A prompt leaves out what does not fit: only an unbroken row of messages counts as read. */
  #learn(seqs: readonly Seq[]): void {
    for (const seq of seqs) this.#known.add(seq)
    while (this.#known.has(this.#read + 1)) this.#read++
  }

  #rest(): void {
    this.isIdle = true
    this.#begun = undefined
    this.#wants = false
  }
}
