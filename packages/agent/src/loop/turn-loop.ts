import {
  type ActionAnswer,
  type Clock,
  type Floor,
  isMidsentenceError,
  type Message,
  type MidsentenceError,
  type Participant,
  textOf,
} from '@midsentence/core'
import type { LanguageModel, ModelMessage } from 'ai'
import { modelMeta } from '../tools/room-tools.ts'
import { type Attention, attentionPresets, matchesAttention } from './attention.ts'
import { isBackchannel } from './backchannel.ts'
import { ConversationEnded } from './conversation-ended.ts'
import { DraftStream, segmentTexts } from './draft-stream.ts'
import type { ReviewReason, TokenUsage, UnstampedEvent } from './events.ts'
import { silencedText, untilHushEnds } from './hush.ts'
import { InterruptionWatch } from './interruption-watch.ts'
import { generate, type ModelSettings } from './model/generate.ts'
import type { ModelFailure } from './model/model-failure.ts'
import { pause } from './pause.ts'
import { buildPrompt, type DraftReview, systemText } from './prompt.ts'
import type { PromptHistory } from './prompt-history.ts'

export interface TurnLoopOptions {
  readonly participant: Participant
  readonly model: LanguageModel
  readonly persona: string
  readonly attention: Attention
  readonly respondTo: Attention
  readonly maxInterruptions: number
  readonly retries: number
  readonly first_token_ms: number
  readonly stall_ms: number
  readonly settings: ModelSettings
  /** Token budget of the conversation. */
  readonly tokens: number
  /** Tokens that the model's context takes, prompt and answer. Undefined: not known. */
  readonly context: number | undefined
  readonly history: PromptHistory
  readonly clock: Clock
  readonly signal: AbortSignal
  emit(event: UnstampedEvent): void
}

/** Consecutive turns that may fail, each with all its retries, before the conversation ends. */
const MAX_FAILED_TURNS = 3
/** Times that a message is rewritten after the room refused it. */
const MAX_REWRITES = 2
/** Longest pause before a retry when the other side names no time, in milliseconds. */
const MAX_BACKOFF_MS = 30_000
/** Part of a context that is kept free for the answer, where its length has no limit. */
const ANSWER_SHARE = 0.25

type WriteOutcome =
  | { readonly end: 'finished' | 'silent' | 'interrupted' | 'hushed' | 'unclear' }
  | { readonly end: 'failed'; readonly failure: ModelFailure }

/** Why the model has to review its draft before the next push. */
type Review = { readonly why: ReviewReason; readonly floor?: Floor; readonly refusal?: string }

/** Runs the turns of a model: waits for a message, writes a draft, handles interruptions and holds, pushes. */
export class TurnLoop {
  /** Messages sent plus turns in which the model said nothing. */
  turns = 0
  sent = 0
  /** Tokens used so far, input and output, reasoning included. */
  tokens = 0
  /** Whether some of them are an estimate. */
  estimated = false
  /** The model has ended reasoning that it had not begun. */
  #startsThinking = false
  /** An answer has ended: by then it is known whether the model writes its reasoning without a mark in front. */
  #hasAnswered = false
  readonly #options: TurnLoopOptions
  #failedTurns = 0

  constructor(options: TurnLoopOptions) {
    this.#options = options
  }

  /** Resolves when an unread message matches `respondTo`. Throws `ConversationEnded` when the room is lost. */
  async listen(): Promise<void> {
    const { participant, history, respondTo, signal } = this.#options
    const isWanted = (message: Message) => matchesAttention(respondTo, message, participant.name)
    while (!history.unread.some(isWanted)) {
      signal.throwIfAborted()
      this.#receive(await participant.check({ signal }))
      history.leaveOut(isWanted)
      const { phase, link } = participant.view
      if (phase === 'closed')
        throw new ConversationEnded('lost', link.state === 'lost' ? link.reason : 'The room was left.')
    }
  }

  /** Runs one turn, which sends at most one message. Throws `ConversationEnded` on a permanent failure. */
  async turn(): Promise<void> {
    const { participant, maxInterruptions, emit } = this.#options
    let interruptions = 0
    let failures = 0
    let refusals = 0
    let isRewritten = false
    let review: Review | undefined = participant.view.draft.segments > 0 ? { why: 'left over' } : undefined
    for (;;) {
      await this.#waitForHush()
      await this.#receiveUnseen()
      const written = await this.#write(review, interruptions < maxInterruptions, isRewritten)
      const isAskedAgain = review?.why === 'unclear'
      review = undefined
      isRewritten = false
      switch (written.end) {
        case 'interrupted':
          interruptions++
          review = { why: 'interrupted' }
          continue
        case 'hushed':
          review = { why: 'broken' }
          continue
        case 'failed':
          if (written.failure.kind === 'context') this.#shorten(written.failure)
          else if (await this.#handleFailure(written.failure, failures++)) return
          review = { why: 'broken' }
          continue
        case 'unclear':
          // Asked once more; then everything is written again, from a prompt that asks for no number.
          if (isAskedAgain) this.#receive(await participant.reset())
          else review = { why: 'unclear' }
          isRewritten = isAskedAgain
          continue
        case 'silent':
          return this.#endSilently()
      }
      this.#failedTurns = 0
      const pushed = await this.#push()
      if (pushed === 'sent') return
      if (pushed === 'empty' || (pushed.why === 'refused' && refusals++ >= MAX_REWRITES)) {
        if (participant.view.draft.segments > 0) this.#receive(await participant.reset())
        return this.#endSilently()
      }
      emit({ type: 'held', ...(pushed.floor && { floor: pushed.floor }) })
      review = pushed
    }
  }

  #endSilently(): void {
    this.turns++
    this.#failedTurns = 0
    this.#options.emit({ type: 'silent' })
  }

  #receive(answer: ActionAnswer): void {
    this.#options.history.addAnswer(answer, this.#options.clock.now())
    const { messages, history } = answer
    if (messages.length > 0) this.#options.emit({ type: 'heard', messages, ...(history && { history }) })
  }

  /** Waits while a person silences the models: what the model writes meanwhile costs money, and cannot be sent. */
  async #waitForHush(): Promise<void> {
    const { participant, history, signal, emit } = this.#options
    if (!participant.view.hushed) return
    emit({ type: 'trouble', sentence: silencedText })
    history.wasHushed = true
    await untilHushEnds(participant, signal)
  }

  /** Reads the arrived messages that the next prompt holds. The others stay unseen in the room, and hold the next push. */
  async #receiveUnseen(): Promise<void> {
    const { participant, history, signal } = this.#options
    while (participant.state.inbox.unseen.length > 0 && !history.isFull)
      this.#receive(await participant.check({ timeout_ms: 0, signal }))
    signal.throwIfAborted()
  }

  /** Builds a prompt that fits the context, where that is known and the past can be shortened enough. */
  #prompt(review: DraftReview | undefined): { readonly system: string; readonly messages: ModelMessage[] } {
    const { participant, history, persona, clock, settings, context } = this.#options
    const system = systemText(participant.name, persona, participant.view)
    for (;;) {
      const messages = buildPrompt(history, participant.name, clock.now(), review)
      if (context === undefined) return { system, messages }
      const room = context - (settings.maxOutputTokens ?? Math.ceil(context * ANSWER_SHARE))
      const over = estimatePrompt(system, messages) - Math.max(0, room)
      if (over <= 0 || !history.shorten(4 * over)) return { system, messages }
    }
  }

  /**
   * Prompts the model and streams its answer into the draft. `isRewritten`: it was asked twice how many parts it keeps, and may
   * still answer that.
   */
  async #write(review: Review | undefined, interruptible: boolean, isRewritten: boolean): Promise<WriteOutcome> {
    const { participant, history, attention, signal, emit, model, clock, first_token_ms, stall_ms, settings, tokens } =
      this.#options
    this.#checkBudget(tokens - this.tokens)
    const parts = segmentTexts(participant)
    const draftReview: DraftReview | undefined = review && parts.length > 0 ? { ...review, parts } : undefined
    const { system, messages } = this.#prompt(draftReview)
    const asked = draftReview ? 'review' : isRewritten ? 'rewrite' : 'message'
    const stream = new DraftStream(participant, asked, !this.#hasAnswered, answer => this.#receive(answer), emit)
    emit({
      type: 'asked',
      turn: this.turns + 1,
      ...(draftReview && { why: draftReview.why }),
      shown: history.markShown(),
    })
    const watch = new InterruptionWatch(participant, interruptible ? attention : [], signal)
    let left = tokens - this.tokens - estimatePrompt(system, messages)
    let thinks = false
    try {
      const generated = await generate({
        model,
        system,
        messages,
        settings,
        clock,
        first_token_ms,
        stall_ms,
        signal: watch.signal,
        onText: text => {
          left -= text.length / 4
          return left < 0 ? 'stop' : stream.write(text)
        },
        onReasoning: characters => {
          if (!thinks) emit({ type: 'thinking' })
          thinks = true
          left -= characters / 4
          return left < 0 ? 'stop' : undefined
        },
        startsThinking: this.#startsThinking,
        onRestart: () => {
          this.#startsThinking = true
          return stream.restart()
        },
      })
      this.#countTokens(generated.usage)
      signal.throwIfAborted()
      if (generated.outcome === 'finished' && left >= 0) {
        const hasDraft = await stream.finish()
        this.#hasAnswered = true
        return { end: stream.unclear ? 'unclear' : hasDraft ? 'finished' : 'silent' }
      }
      await stream.abort()
      if (left < 0) this.#checkBudget(0)
      if (generated.outcome === 'failed') return { end: 'failed', failure: generated.failure }
      if (watch.isHushed) return { end: 'hushed' }
      emit({ type: 'interrupted', by: watch.interruptedBy!, segments: participant.view.draft.segments })
      return { end: 'interrupted' }
    } finally {
      watch.close()
    }
  }

  #checkBudget(left: number): void {
    if (left <= 0) throw new ConversationEnded('budget', `It has used its ${this.#options.tokens} tokens.`)
  }

  #countTokens(usage: TokenUsage): void {
    this.tokens += usage.input + usage.output
    this.estimated ||= usage.estimated && usage.input + usage.output > 0
    this.#options.emit({ type: 'spent', ...usage })
  }

  /** Shows the model less of the past. Throws `ConversationEnded` when nothing is left to leave out. */
  #shorten({ sentence }: ModelFailure): void {
    const { history, emit } = this.#options
    if (!history.shorten()) {
      const advice = 'Load the model with a longer context, or shorten its persona.'
      emit({ type: 'trouble', sentence: `${sentence} ${advice}` })
      throw new ConversationEnded('failed', `${sentence} ${advice}`)
    }
    emit({ type: 'trouble', sentence: `${sentence} It is asked again with less of what was said before.` })
  }

  /** Pauses before a retry. Resolves with true when this turn is given up instead. */
  async #handleFailure({ sentence, kind, after_ms }: ModelFailure, failures: number): Promise<boolean> {
    const { emit, retries, clock, signal } = this.#options
    if (kind === 'transient' && failures < retries) {
      // An endpoint may ask for no pause at all, or give a date that has passed.
      const retry_ms = jittered(Math.max(after_ms ?? 0, backoff(failures)))
      emit({ type: 'trouble', sentence, retry_ms })
      await pause(clock, retry_ms, signal)
      return false
    }
    const isOver = kind === 'permanent' || ++this.#failedTurns >= MAX_FAILED_TURNS
    emit({ type: 'trouble', sentence, ...(!isOver && { waits: true as const }) })
    if (isOver) throw new ConversationEnded('failed', sentence)
    return true
  }

  /** Pushes until the message is sent, or until the model has to review its draft. */
  async #push(): Promise<'sent' | 'empty' | Review> {
    const { participant, history, signal, emit } = this.#options
    for (let failures = 0; ; ) {
      const content = textOf(participant.view.draft)
      const first = history.unread.find(message => this.#needsReview(message))
      const base = first && first.seq > 0 ? { base: first.seq - 1 } : {}
      const answer = await participant.push({ signal, meta: modelMeta, ...base }).catch((error: unknown) => error)
      if (isMidsentenceError(answer)) {
        const outcome = await this.#handlePushError(answer, failures++)
        if (outcome) return outcome
        continue
      }
      if (answer instanceof Error) throw answer
      const pushed = answer as Awaited<ReturnType<Participant['push']>>
      this.#receive(pushed)
      if (!pushed.held) {
        const { seq, crossed, message_id, timestamp } = pushed
        history.addOwn({ message_id, timestamp, seq, content, sender_id: participant.name })
        this.turns++
        this.sent++
        emit({ type: 'sent', seq, content, ...(crossed && { crossed }) })
        return 'sent'
      }
      await this.#receiveUnseen()
      const own = pushed.floor?.name === participant.name ? { floor: pushed.floor } : {}
      if (this.#hasNewsToReview()) return { why: 'held', ...own }
      emit({ type: 'held', ...(pushed.floor && { floor: pushed.floor }) })
    }
  }

  /** Handles an error of a push. Resolves with undefined when the same draft is pushed again; throws other errors. */
  async #handlePushError(error: MidsentenceError, failures: number): Promise<'empty' | Review | undefined> {
    const { participant, emit } = this.#options
    switch (error.code) {
      case 'no-draft':
        return 'empty'
      // The loop guard and a hush answer with `rate-limited` too: a person who speaks ends that pause early.
      case 'rate-limited':
      case 'unavailable': {
        const retry_ms = Math.max(error.data.retry_after_ms ?? jittered(backoff(failures)), 1)
        if (error.data.reason === 'hushed' && participant.view.hushed) {
          await this.#waitForHush()
          await this.#receiveUnseen()
          return this.#hasNewsToReview() ? { why: 'held' } : undefined
        }
        // A hush may last long: say so once.
        if (error.data.reason !== 'hushed' || failures === 0)
          emit({ type: 'trouble', sentence: error.message, retry_ms })
        await this.#pauseUntilMessage(retry_ms)
        await this.#receiveUnseen()
        return this.#hasNewsToReview() ? { why: 'held' } : undefined
      }
      case 'content-policy':
        emit({ type: 'trouble', sentence: error.message })
        return { why: 'refused', refusal: error.message }
      default:
        throw error
    }
  }

  #hasNewsToReview(): boolean {
    return this.#options.history.unread.some(message => this.#needsReview(message))
  }

  /** Whether `message` could change what the model wants to send: anything more than an "ok". */
  #needsReview(message: Message): boolean {
    const { attention, participant } = this.#options
    return !isBackchannel(message.content) || matchesAttention(attention, message, participant.name)
  }

  /** Pauses for `ms`, or until somebody speaks. */
  async #pauseUntilMessage(ms: number): Promise<void> {
    const { participant, signal, clock } = this.#options
    const watch = new InterruptionWatch(participant, attentionPresets.everybody, signal)
    try {
      await pause(clock, ms, watch.signal)
    } catch (error) {
      if (signal.aborted) throw error
    } finally {
      watch.close()
    }
  }
}

/** Estimates the tokens of a prompt as a quarter of its characters. */
const estimatePrompt = (system: string, messages: readonly ModelMessage[]): number =>
  Math.ceil((system.length + JSON.stringify(messages).length) / 4)

/** Makes a pause up to a quarter longer at random, so that several models do not call an endpoint at the same moment. */
const jittered = (ms: number): number => Math.round(ms * (1 + Math.random() / 4))

/** Doubles the pause with each failure, from one second. */
const backoff = (failures: number): number => Math.min(1000 * 2 ** failures, MAX_BACKOFF_MS)
