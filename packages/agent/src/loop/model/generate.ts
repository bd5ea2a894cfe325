import type { Clock } from '@midsentence/core'
import {
  type LanguageModel,
  type LanguageModelUsage,
  type ModelMessage,
  streamText,
  type TextStreamPart,
  type ToolSet,
} from 'ai'
import type { TokenUsage } from '../events.ts'
import { ReasoningFilter } from '../reply/reasoning-filter.ts'
import { describeFailure, type ModelFailure } from './model-failure.ts'

/** Settings passed to the model unchanged. */
export type ModelSettings = Pick<
  Parameters<typeof streamText>[0],
  'temperature' | 'maxOutputTokens' | 'topP' | 'seed' | 'providerOptions' | 'headers' | 'stopSequences'
>

export interface GenerationOptions {
  readonly model: LanguageModel
  readonly system: string
  readonly messages: ModelMessage[]
  readonly settings: ModelSettings
  readonly clock: Clock
  /** Longest wait for the first token, in milliseconds. A local endpoint loads its model meanwhile. */
  readonly first_token_ms: number
  /** Longest silence of the endpoint after its first token, in milliseconds. */
  readonly stall_ms: number
  /** The model has ended reasoning before that it had not begun: its answers begin with it. Default false. */
  readonly startsThinking?: boolean
  /** Aborts the generation, at the endpoint too. */
  readonly signal: AbortSignal
  /** Receives streamed text. Returning "stop" ends the generation as if the model had finished. */
  onText(text: string): Promise<'stop' | undefined> | 'stop' | undefined
  /** Receives streamed reasoning, also such as is written into the text. Returning "stop" ends the generation. */
  onReasoning(characters: number): 'stop' | undefined
  /** Called when all text so far turns out to be reasoning. */
  onRestart(): Promise<void>
}

export type GenerationResult = { readonly usage: TokenUsage } & (
  | { readonly outcome: 'finished' }
  /** The signal was aborted. */
  | { readonly outcome: 'stopped' }
  | { readonly outcome: 'failed'; readonly failure: ModelFailure }
)

/**
 * Streams one answer of a model. Resolves as soon as the model finishes, fails or is aborted; text that an endpoint sends
 * after an abort is discarded. Never rejects for an error of the model.
 */
export async function generate(options: GenerationOptions): Promise<GenerationResult> {
  const { model, system, messages, settings, clock, first_token_ms, stall_ms, signal } = options
  const label = modelName(model)
  const promptLength = system.length + messages.reduce((sum, { content }) => sum + content.length, 0)
  let written = 0
  const estimate = (): TokenUsage => ({
    input: estimateTokens(promptLength),
    output: estimateTokens(written),
    estimated: true,
  })
  const failed = (failure: ModelFailure, usage = estimate()): GenerationResult => ({
    outcome: 'failed',
    failure,
    usage: failure.isFree ? { input: 0, output: 0, estimated: true } : usage,
  })

  if (signal.aborted) return { outcome: 'stopped', usage: { input: 0, output: 0, estimated: true } }
  const aborting = new AbortController()
  // Settles the wait for the next part. A new promise per part: racing one long promise would leak its handlers.
  let wake: (why: 'stopped' | 'stalled') => void = () => {}
  const stop = () => {
    aborting.abort(signal.reason)
    wake('stopped')
  }
  signal.addEventListener('abort', stop, { once: true })
  let lastActivity = clock.monotonic()
  let cancel = () => {}
  const limit = () => (written === 0 ? first_token_ms : stall_ms)
  const watch = () => {
    cancel()
    const left = limit() - (clock.monotonic() - lastActivity)
    if (left <= 0) wake('stalled')
    else cancel = clock.after(left, watch)
  }
  const count = (characters: number) => {
    const isFirst = written === 0
    written += characters
    if (isFirst) watch()
  }
  let parts: AsyncIterator<StreamPart>
  try {
    const { fullStream } = streamText({
      ...settings,
      model,
      system,
      messages,
      maxRetries: 0,
      abortSignal: aborting.signal,
      // Each is a sign of life, also one that the SDK makes nothing of.
      includeRawChunks: true,
      // The loop below reports errors; by default the SDK would print them.
      onError() {},
    })
    parts = fullStream[Symbol.asyncIterator]()
  } catch (error) {
    signal.removeEventListener('abort', stop)
    return failed(describeFailure(error, label, clock.now()))
  }
  const filter = new ReasoningFilter(options.startsThinking)
  const receive = async (chunk: string, isLast = false): Promise<'stop' | undefined> => {
    const wasInside = filter.isInside
    const { text, restart } = filter.feed(chunk, isLast)
    if (restart) await options.onRestart()
    const isReasoning = restart || wasInside || filter.isInside
    if (isReasoning && options.onReasoning(Math.max(0, chunk.length - text.length)) === 'stop') return 'stop'
    return text === '' ? undefined : options.onText(text)
  }
  const abandon = () => {
    aborting.abort()
    void Promise.resolve(parts.return?.()).catch(() => {})
  }
  type Next = IteratorResult<StreamPart> | { readonly error: unknown }
  let last = ''
  let hasText = false
  let calledTool: string | undefined
  let ended = false
  watch()
  try {
    for (;;) {
      const part = await new Promise<Next | 'stopped' | 'stalled'>(resolve => {
        wake = resolve
        parts.next().then(resolve, (error: unknown) => resolve({ error }))
      })
      lastActivity = clock.monotonic()
      if (part === 'stopped' || signal.aborted) {
        return { outcome: 'stopped', usage: estimate() }
      }
      if (part === 'stalled') {
        return failed({
          sentence: `${label} has sent nothing for ${Math.round(limit() / 1000)} seconds.`,
          kind: 'transient',
        })
      }
      if ('error' in part) return failed(describeFailure(part.error, label, clock.now(), written > 0))
      if (part.done)
        return failed({ sentence: `${label} ended its answer without a finish reason.`, kind: 'transient' })
      const { value } = part
      switch (value.type) {
        case 'text-delta': {
          if (value.text === '') break
          count(value.text.length)
          last = value.text
          hasText ||= value.text.trim() !== ''
          if ((await receive(value.text)) !== 'stop') break
          return { outcome: 'finished', usage: estimate() }
        }
        case 'tool-input-start':
          calledTool = value.toolName
          break
        case 'tool-input-delta':
          count(value.delta.length)
          break
        case 'reasoning-delta':
          count(value.text.length)
          if (options.onReasoning(value.text.length) !== 'stop') break
          return { outcome: 'finished', usage: estimate() }
        case 'error':
          return failed(describeFailure(value.error, label, clock.now(), written > 0))
        case 'abort':
          return { outcome: 'stopped', usage: estimate() }
        case 'finish': {
          ended = true
          const usage = usageOf(value.totalUsage, estimate())
          const { finishReason } = value
          if (finishReason === 'content-filter') {
            const sentence = `${label} was stopped by the content filter of its endpoint: change its persona, or choose another model.`
            return failed({ sentence, kind: 'turn' }, usage)
          }
          if (filter.isInside && !(filter.isAssumed && finishReason === 'stop')) {
            const why = finishReason === 'length' ? ' It has used up the tokens of an answer.' : ''
            const sentence = `${label} ended its answer while it was still thinking.${why}`
            return failed({ sentence, kind: 'turn' }, usage)
          }
          await receive('', true)
          if (finishReason === 'length') {
            const sentence = `${label} has used up the tokens of an answer in the middle of its message.`
            return failed({ sentence, kind: 'transient' }, usage)
          }
          if (finishReason === 'tool-calls' && !hasText) {
            const tool = calledTool === undefined ? 'a tool' : `the tool ${JSON.stringify(calledTool)}`
            const sentence = `${label} called ${tool} and wrote nothing: it has no tools here, so check its persona and its chat template.`
            return failed({ sentence, kind: 'turn' }, usage)
          }
          const cutOff = finishReason === 'error' || (finishReason === 'other' && value.rawFinishReason === undefined)
          if (cutOff && !/[.!?…。！？"”'’)\]\s]$/.test(last)) {
            const sentence = `${label} closed the connection before its answer was complete.`
            return failed({ sentence, kind: 'transient' }, usage)
          }
          return { outcome: 'finished', usage }
        }
      }
    }
  } finally {
    cancel()
    signal.removeEventListener('abort', stop)
    if (!ended) abandon()
  }
}

type StreamPart = TextStreamPart<ToolSet>

/** Returns the reported usage, and the estimate of what is missing. Some endpoints do not count reasoning as output. */
function usageOf(reported: LanguageModelUsage, estimated: TokenUsage): TokenUsage {
  const { inputTokens, outputTokens, outputTokenDetails } = reported
  const reasoning = outputTokenDetails?.reasoningTokens ?? 0
  const counted = outputTokens === undefined ? 0 : reasoning > outputTokens ? outputTokens + reasoning : outputTokens
  const isMissing = inputTokens === undefined || (counted === 0 && estimated.output > 0)
  return {
    input: inputTokens ?? estimated.input,
    output: counted === 0 ? estimated.output : counted,
    estimated: isMissing,
  }
}

/** Estimates tokens as a quarter of the characters, for endpoints that report no usage. */
const estimateTokens = (characters: number) => Math.ceil(characters / 4)

const modelName = (model: LanguageModel): string => (typeof model === 'string' ? model : `The model ${model.modelId}`)
