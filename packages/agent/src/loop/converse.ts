import type { AsyncChatRoom } from '@midsentence/client'
import { type Clock, isMidsentenceError, type Participant, systemClock, textOf } from '@midsentence/core'
import type { LanguageModel } from 'ai'
import { type Attention, type AttentionName, attentionOf } from './attention.ts'
import type { ConverseEvent, Ending, Happening } from './events.ts'
import type { ModelSettings } from './generation.ts'
import { History, type HistoryLimits } from './history.ts'
import { Over, Speaker } from './speaker.ts'

export interface Budget {
  /** Messages sent, and times it chose to say nothing. Default 50. */
  readonly turns?: number
  /** Tokens, in and out together. Default 500,000. */
  readonly tokens?: number
}

export interface ConverseOptions {
  /** Any model of the AI SDK. */
  readonly model: LanguageModel
  /** Where it takes part, and under which name. It is closed at the end. */
  readonly room: AsyncChatRoom | Participant
  /** Who it is and what it wants, in words. */
  readonly persona?: string
  /** What stops it while it writes. Default `everybody`: any message that is more than an "ok". */
  readonly attention?: Attention | AttentionName
  /** What it answers while it is silent. Default `everybody`. */
  readonly wakes?: Attention | AttentionName
  /** Does it speak first, without being spoken to? Default false. */
  readonly begins?: boolean
  /** So often is one message interrupted; then it writes on to its end and is at most held, which earns it the floor. Default 3. */
  readonly patience?: number
  readonly budget?: Budget
  /** How much of the past a prompt brings. */
  readonly history?: Partial<HistoryLimits>
  /** Passed on to the model as they are. */
  readonly settings?: ModelSettings
  /** So often a call of the model is tried again, with growing pauses. Default 4. */
  readonly retries?: number
  /** So long the model may say nothing while it is asked, in milliseconds. Default 60,000. */
  readonly stall_ms?: number
  /** Ends it: the generation is aborted and the room is left. */
  readonly signal?: AbortSignal
  readonly clock?: Clock
  /** Is told everything that happens, as it happens. */
  onEvent?(event: ConverseEvent): void
}

/** How a conversation ended, and what it came to. */
export interface Conversation {
  readonly reason: Ending
  /** What there is to say about it. */
  readonly sentence: string
  readonly turns: number
  /** Messages sent. */
  readonly sent: number
  /** Tokens in and out. */
  readonly tokens: number
  /** What it had written and not sent. */
  readonly unsent: string
}

/**
 * Lets a model take part in a room until its signal aborts or its budget is used up. The model only streams text: what it
 * writes is committed sentence by sentence to a draft; a message that claims attention aborts the generation at once, and
 * the model is asked how much it still stands by. Resolves when the room is left; rejects with a `TypeError` for misuse,
 * and where the room cannot be joined.
 */
export async function converse(options: ConverseOptions): Promise<Conversation> {
  const { room, clock = systemClock(), signal = new AbortController().signal, onEvent } = options
  const { turns = 50, tokens = 500_000 } = options.budget ?? {}
  const tell = (event: Happening) => onEvent?.({ at: clock.now(), ...event } as ConverseEvent)
  const asleep = clock.keepProcessAlive()
  try {
    const attention = attentionOf(options.attention ?? 'everybody')
    const wakes = attentionOf(options.wakes ?? 'everybody')
    const participant = 'participant' in room ? await room.participant() : room
    tell({ type: 'joined', name: participant.name })
    const speaker = new Speaker({
      participant,
      clock,
      signal,
      tell,
      attention,
      wakes,
      tokens,
      model: options.model,
      persona: options.persona ?? '',
      patience: options.patience ?? 3,
      retries: options.retries ?? 4,
      stall_ms: options.stall_ms ?? 60_000,
      settings: options.settings ?? {},
      history: new History({ messages: 100, characters: 24_000, ...options.history }),
    })
    const { reason, sentence } = await untilOver(speaker, turns, options.begins === true, participant, signal)
    const unsent = textOf(participant.view.draft)
    tell({ type: 'left', reason, sentence, unsent })
    return { reason, sentence, unsent, turns: speaker.turns, sent: speaker.sent, tokens: speaker.spent }
  } finally {
    await room.close()
    asleep()
  }
}

async function untilOver(
  speaker: Speaker,
  turns: number,
  begins: boolean,
  participant: Participant,
  signal: AbortSignal,
): Promise<{ readonly reason: Ending; readonly sentence: string }> {
  try {
    for (let begin = begins; ; begin = false) {
      if (speaker.turns >= turns) return { reason: 'budget', sentence: `It has had its ${turns} turns.` }
      if (!begin) await speaker.listen()
      await speaker.turn()
    }
  } catch (error) {
    if (error instanceof Over) return error.ending
    if (signal.aborted) return { reason: 'stopped', sentence: 'It was told to stop.' }
    if (!isMidsentenceError(error)) throw error
    const { link } = participant.view
    return { reason: 'lost', sentence: link.state === 'lost' ? link.reason : error.message }
  }
}
