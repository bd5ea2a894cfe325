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
import type { LanguageModel } from 'ai'
import { modelMeta } from '../tools/room-tools.ts'
import { type Attention, attentions, claims } from './attention.ts'
import { isBackchannel } from './backchannel.ts'
import type { Ending, Happening, Reason, Spent } from './events.ts'
import type { Failure } from './failure.ts'
import { generate, type ModelSettings } from './generation.ts'
import type { History } from './history.ts'
import { promptOf, type Reconsidered, systemText } from './prompt.ts'
import { Interruption, partsOf, Writing } from './writing.ts'

export interface SpeakerParts {
  readonly participant: Participant
  readonly model: LanguageModel
  readonly persona: string
  readonly attention: Attention
  readonly wakes: Attention
  readonly patience: number
  readonly retries: number
  readonly stall_ms: number
  readonly settings: ModelSettings
  /** How many may be used. */
  readonly tokens: number
  readonly history: History
  readonly clock: Clock
  readonly signal: AbortSignal
  tell(event: Happening): void
}

/** Ends a conversation from anywhere within it. */
export class Over extends Error {
  readonly ending: { readonly reason: Ending; readonly sentence: string }

  constructor(reason: Ending, sentence: string) {
    super(sentence)
    this.ending = { reason, sentence }
  }
}

/** Turns that may come to nothing in a row, each with all its retries, before the conversation is given up. */
const FAILED_TURNS = 3
/** A message that the room refuses is rewritten so often. */
const REWRITES = 2
/** The longest pause before something is tried again that nobody gave a time for, in milliseconds. */
const LONGEST_PAUSE = 30_000

type Written =
  | { readonly end: 'finished' | 'silent' | 'interrupted' }
  | { readonly end: 'failed'; readonly failure: Failure }

type Sending = 'sent' | 'silenced' | { readonly why: Reason; readonly floor?: Floor; readonly refusal?: string }

/** A model that takes part: listens, writes, is interrupted, sends. */
export class Speaker {
  /** Messages sent, and times nothing was said. */
  turns = 0
  sent = 0
  /** Tokens used. */
  spent = 0
  readonly #parts: SpeakerParts
  #failedTurns = 0
  /** The room's keeper wants models to be silent until a person speaks. */
  #guarded = false

  constructor(parts: SpeakerParts) {
    this.#parts = parts
  }

  /** Waits until something was said that wakes. */
  async listen(): Promise<void> {
    const { participant, history, signal } = this.#parts
    while (!history.unread.some(message => this.#wakes(message))) {
      signal.throwIfAborted()
      this.#hear(await participant.check({ signal }))
      const { phase, link } = participant.view
      if (phase === 'closed') throw new Over('lost', link.state === 'lost' ? link.reason : 'The room was left.')
    }
    this.#guarded = false
  }

  /** Lets the model say something, or nothing. Throws `Over` where there is no going on. */
  async turn(): Promise<void> {
    const { participant, patience, tell } = this.#parts
    let interruptions = 0
    let failures = 0
    let refusals = 0
    let next: Exclude<Sending, string> | undefined =
      participant.view.draft.segments > 0 ? { why: 'left over' } : undefined
    for (;;) {
      await this.#catchUp()
      const written = await this.#write(next, interruptions < patience)
      next = undefined
      switch (written.end) {
        case 'interrupted':
          interruptions++
          next = { why: 'interrupted' }
          continue
        case 'failed':
          if (await this.#failed(written.failure, failures++)) return
          next = { why: 'broken' }
          continue
        case 'silent':
          return this.#silent()
      }
      this.#failedTurns = 0
      const sending = await this.#send()
      if (sending === 'sent') return
      if (sending === 'silenced' || (sending.why === 'refused' && refusals++ >= REWRITES)) {
        if (participant.view.draft.segments > 0) this.#hear(await participant.reset())
        return this.#silent()
      }
      tell({ type: 'held', ...(sending.floor && { floor: sending.floor }) })
      next = sending
    }
  }

  #silent(): void {
    this.turns++
    this.#failedTurns = 0
    this.#parts.tell({ type: 'silent' })
  }

  #wakes(message: Message): boolean {
    const { wakes, participant } = this.#parts
    if (this.#guarded && message.meta?.by === 'model') return false
    return claims(wakes, message, participant.name)
  }

  #hear(answer: ActionAnswer): void {
    this.#parts.history.hear(answer)
    if (answer.messages.length > 0) this.#parts.tell({ type: 'heard', messages: answer.messages })
  }

  /** Takes everything that has arrived, so that the model is asked about all of it. */
  async #catchUp(): Promise<void> {
    const { participant, signal } = this.#parts
    while (participant.view.unseen > 0) this.#hear(await participant.check({ timeout_ms: 0, signal }))
    signal.throwIfAborted()
  }

  /** Asks the model, and commits what it writes. */
  async #write(about: Exclude<Sending, string> | undefined, interruptible: boolean): Promise<Written> {
    const { participant, history, attention, signal, tell, model, persona, clock, stall_ms, settings, tokens } =
      this.#parts
    if (this.spent >= tokens) throw new Over('budget', `It has used its ${tokens} tokens.`)
    const parts = partsOf(participant)
    const asked: Reconsidered | undefined = about && parts.length > 0 ? { ...about, parts } : undefined
    const system = systemText(participant.name, persona)
    const messages = promptOf(history, participant.name, asked)
    const writing = new Writing(participant, asked !== undefined, answer => this.#hear(answer), tell)
    tell({ type: 'asked', turn: this.turns + 1, ...(asked && { why: asked.why }), shown: history.show() })
    const interruption = new Interruption(participant, interruptible ? attention : [], signal)
    let left = tokens - this.spent - Math.ceil((system.length + JSON.stringify(messages).length) / 4)
    try {
      const generated = await generate({
        model,
        system,
        messages,
        settings,
        clock,
        stall_ms,
        signal: interruption.signal,
        onText: text => {
          left -= text.length / 4
          return left < 0 ? 'stop' : writing.take(text)
        },
      })
      this.#spend(generated.spent)
      signal.throwIfAborted()
      if (generated.outcome === 'finished' && left >= 0)
        return { end: (await writing.finish()) ? 'finished' : 'silent' }
      await writing.stop()
      if (left < 0) throw new Over('budget', `It has used its ${tokens} tokens.`)
      if (generated.outcome === 'failed') return { end: 'failed', failure: generated.failure }
      tell({ type: 'interrupted', by: interruption.by!, segments: participant.view.draft.segments })
      return { end: 'interrupted' }
    } finally {
      interruption.end()
    }
  }

  #spend(spent: Spent): void {
    this.spent += spent.input + spent.output
    this.#parts.tell({ type: 'spent', ...spent })
  }

  /** Pauses after a failure; resolves to whether this turn is given up. */
  async #failed({ sentence, kind, after_ms }: Failure, failures: number): Promise<boolean> {
    const { tell, retries } = this.#parts
    if (kind === 'passing' && failures < retries) {
      const retry_ms = after_ms ?? Math.min(1000 * 2 ** failures, LONGEST_PAUSE)
      tell({ type: 'trouble', sentence, retry_ms })
      await this.#pause(retry_ms)
      return false
    }
    tell({ type: 'trouble', sentence })
    if (kind === 'lasting' || ++this.#failedTurns >= FAILED_TURNS) throw new Over('failed', sentence)
    return true
  }

  /** Pushes until the room has it, or there is something for the model to decide. */
  async #send(): Promise<Sending> {
    const { participant, history, signal, tell } = this.#parts
    for (let failures = 0; ; ) {
      const content = textOf(participant.view.draft)
      const first = history.unread.find(message => this.#counts(message))
      const base = first ? { base: first.seq - 1 } : {}
      const answer = await participant.push({ signal, meta: modelMeta, ...base }).catch((error: unknown) => error)
      if (isMidsentenceError(answer)) {
        const sending = await this.#refused(answer, failures++)
        if (sending) return sending
        continue
      }
      if (answer instanceof Error) throw answer
      const pushed = answer as Awaited<ReturnType<Participant['push']>>
      this.#hear(pushed)
      if (!pushed.held) {
        const { seq, crossed, message_id, timestamp } = pushed
        history.speak({ message_id, timestamp, seq, content, sender_id: participant.name })
        this.turns++
        this.sent++
        tell({ type: 'sent', seq, content, ...(crossed && { crossed }) })
        return 'sent'
      }
      await this.#catchUp()
      const own = pushed.floor?.name === participant.name ? { floor: pushed.floor } : {}
      if (history.unread.some(message => this.#counts(message))) return { why: 'held', ...own }
      tell({ type: 'held', ...(pushed.floor && { floor: pushed.floor }) })
    }
  }

  /** Would it change what the model sends? */
  #counts(message: Message): boolean {
    const { attention, participant } = this.#parts
    return !isBackchannel(message.content) || claims(attention, message, participant.name)
  }

  /** What to do about a push that the room or the line did not take. Throws what cannot be helped. */
  async #refused(error: MidsentenceError, failures: number): Promise<Sending | undefined> {
    const { tell, history } = this.#parts
    switch (error.code) {
      case 'no-draft':
        return 'silenced'
      case 'rate-limited':
      case 'unavailable': {
        const retry_ms = Math.max(error.data.retry_after_ms ?? Math.min(1000 * 2 ** failures, LONGEST_PAUSE), 1)
        tell({ type: 'trouble', sentence: error.message, retry_ms })
        await this.#pauseUntilHeard(retry_ms)
        await this.#catchUp()
        return history.unread.some(message => this.#counts(message)) ? { why: 'held' } : undefined
      }
      case 'content-policy':
        tell({ type: 'trouble', sentence: error.message })
        if (error.data.reason !== 'loop') return { why: 'refused', refusal: error.message }
        this.#guarded = true
        return 'silenced'
      default:
        throw error
    }
  }

  /** Somebody who speaks may end a rest that the room asked for, or change what is to be sent. */
  async #pauseUntilHeard(ms: number): Promise<void> {
    const { participant, signal } = this.#parts
    const heard = new Interruption(participant, attentions.everybody, signal)
    try {
      await this.#pause(ms, heard.signal)
    } catch (error) {
      if (signal.aborted) throw error
    } finally {
      heard.end()
    }
  }

  #pause(ms: number, signal = this.#parts.signal): Promise<void> {
    const { clock } = this.#parts
    return new Promise((resolve, reject) => {
      const cancel = clock.after(ms, () => {
        signal.removeEventListener('abort', stop)
        resolve()
      })
      const stop = () => {
        cancel()
        reject(signal.reason)
      }
      if (signal.aborted) stop()
      else signal.addEventListener('abort', stop, { once: true })
    })
  }
}
