import type { AsyncChatRoom } from '@midsentence/client'
import { type Clock, isMidsentenceError, type Participant, systemClock, textOf } from '@midsentence/core'
import type { LanguageModel } from 'ai'
import { type Attention, type AttentionPreset, resolveAttention } from './attention.ts'
import { ConversationEnded } from './conversation-ended.ts'
import type { ConverseEvent, EndReason, UnstampedEvent } from './events.ts'
import type { ModelSettings } from './model/generate.ts'
import { type HistoryLimits, PromptHistory } from './prompt-history.ts'
import { TurnLoop } from './turn-loop.ts'

export interface ConversationBudget {
  /** Messages sent plus turns in which the model said nothing. Default 50. */
  readonly turns?: number
  /** Tokens, input and output. Default 500,000. */
  readonly tokens?: number
}

export interface ConverseOptions {
  /** Any model of the AI SDK that streams text. */
  readonly model: LanguageModel
  /** Room and name of the model. `converse` closes it at the end. */
  readonly room: AsyncChatRoom | Participant
  /** Text that tells the model who it is and what it wants. */
  readonly persona?: string
  /** Messages that interrupt the model while it writes. Default `everybody`: any message that is more than an "ok". */
  readonly attention?: Attention | AttentionPreset
  /** Messages that the model answers while it is silent. Default `everybody`. */
  readonly respondTo?: Attention | AttentionPreset
  /** Speaks first, without waiting for a message. Default false. */
  readonly begins?: boolean
  /**
   * Interruptions per message. After that many the model finishes its draft, which can still be held; repeated holds earn
   * it the floor. Default 3.
   */
  readonly maxInterruptions?: number
  readonly budget?: ConversationBudget
  /** Limits of the past messages in a prompt. */
  readonly history?: Partial<HistoryLimits>
  /**
   * Tokens of the model's context, prompt and answer. The past is shortened to fit, by an estimate of four characters a token.
   * Default: the past is shortened only when the endpoint refuses a prompt for its length.
   */
  readonly context?: number
  /** Settings passed to the model unchanged. */
  readonly settings?: ModelSettings
  /** Retries of a failed model call, with exponential backoff. Default 4. */
  readonly retries?: number
  /** Longest wait for the first token of a call, in milliseconds: a local endpoint loads its model meanwhile. Default 300,000. */
  readonly first_token_ms?: number
  /** Longest silence of the model after its first token, in milliseconds. Default 60,000. */
  readonly stall_ms?: number
  /** Aborts the generation and leaves the room. */
  readonly signal?: AbortSignal
  readonly clock?: Clock
  /** Receives every event as it happens. An error thrown here ends the conversation and rejects `converse`. */
  onEvent?(event: ConverseEvent): void
}

/** Outcome of a conversation. */
export interface ConversationResult {
  readonly reason: EndReason
  /** The reason in a sentence, for a person. */
  readonly sentence: string
  readonly turns: number
  /** Messages sent. */
  readonly sent: number
  /** Tokens used, input and output, reasoning included. */
  readonly tokens: number
  /** Whether some of them are estimated, since the endpoint did not report them. */
  readonly estimated: boolean
  /** Text of a draft that was not sent. */
  readonly unsent: string
}

/**
 * Runs a model in a room until its signal aborts or its budget is used up. The model only streams text; `converse` commits
 * it sentence by sentence to a draft. A message that matches `attention` aborts the generation at once, and the model is
 * asked how much of its draft to keep. Resolves when the room is left. Rejects with a `TypeError` for a wrong option, and
 * with a `MidsentenceError` when the room cannot be joined.
 */
export async function converse(options: ConverseOptions): Promise<ConversationResult> {
  const { room, clock = systemClock(), signal = new AbortController().signal, onEvent } = options
  const { turns = 50, tokens = 500_000 } = options.budget ?? {}
  const emit = (event: UnstampedEvent) => onEvent?.({ at: clock.now(), ...event } as ConverseEvent)
  const allowExit = clock.keepProcessAlive()
  try {
    const attention = resolveAttention(options.attention ?? 'everybody')
    const respondTo = resolveAttention(options.respondTo ?? 'everybody')
    const participant = 'participant' in room ? await room.participant() : room
    const { name, view } = participant
    const { observable, recorded } = view
    emit({ type: 'joined', name, ...(observable && { observable }), ...(recorded && { recorded }) })
    const loop = new TurnLoop({
      participant,
      clock,
      signal,
      emit,
      attention,
      respondTo,
      tokens,
      model: options.model,
      persona: options.persona ?? '',
      maxInterruptions: options.maxInterruptions ?? 3,
      retries: options.retries ?? 4,
      first_token_ms: options.first_token_ms ?? 300_000,
      stall_ms: options.stall_ms ?? 60_000,
      settings: options.settings ?? {},
      context: options.context,
      history: new PromptHistory({ messages: 100, characters: 24_000, ...options.history }),
    })
    const { reason, sentence } = await runTurns(loop, turns, options.begins === true, participant, signal)
    const unsent = textOf(participant.view.draft)
    emit({ type: 'left', reason, sentence, unsent })
    const { turns: used, sent, tokens: spent, estimated } = loop
    return { reason, sentence, unsent, turns: used, sent, tokens: spent, estimated }
  } finally {
    await room.close()
    allowExit()
  }
}

async function runTurns(
  loop: TurnLoop,
  turns: number,
  begins: boolean,
  participant: Participant,
  signal: AbortSignal,
): Promise<{ readonly reason: EndReason; readonly sentence: string }> {
  try {
    for (let begin = begins; ; begin = false) {
      if (loop.turns >= turns) return { reason: 'budget', sentence: `It has used its ${turns} turns.` }
      if (!begin) await loop.listen()
      await loop.turn()
    }
  } catch (error) {
    if (error instanceof ConversationEnded) return error.ending
    if (signal.aborted) return { reason: 'stopped', sentence: 'It was stopped.' }
    if (!isMidsentenceError(error)) throw error
    const { link } = participant.view
    return { reason: 'lost', sentence: link.state === 'lost' ? link.reason : error.message }
  }
}
