import type { Clock } from '@midsentence/core'
import { type LanguageModel, type ModelMessage, streamText } from 'ai'
import type { TokenUsage } from './events.ts'
import { describeFailure, type ModelFailure } from './model-failure.ts'
import { ReasoningFilter } from './reply/reasoning-filter.ts'

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
  const failed = (failure: ModelFailure): GenerationResult => ({ outcome: 'failed', failure, usage: estimate() })

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
  const { fullStream } = streamText({
    ...settings,
    model,
    system,
    messages,
    maxRetries: 0,
    abortSignal: aborting.signal,
    // The loop below reports errors; by default the SDK would print them.
    onError() {},
  })
  const filter = new ReasoningFilter()
  const receive = async (chunk: string, isLast = false): Promise<'stop' | undefined> => {
    const wasInside = filter.isInside
    const { text, restart } = filter.feed(chunk, isLast)
    if (restart) await options.onRestart()
    const isReasoning = restart || wasInside || filter.isInside
    if (isReasoning && options.onReasoning(Math.max(0, chunk.length - text.length)) === 'stop') return 'stop'
    return text === '' ? undefined : options.onText(text)
  }
  const parts = fullStream[Symbol.asyncIterator]()
  const abandon = () => {
    aborting.abort()
    void Promise.resolve(parts.return?.()).catch(() => {})
  }
  type Next = Awaited<ReturnType<typeof parts.next>> | { readonly error: unknown }
  let last = ''
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
      if ('error' in part) return failed(describeFailure(part.error, label, clock.now()))
      if (part.done)
        return failed({ sentence: `${label} ended its answer without a finish reason.`, kind: 'transient' })
      const { value } = part
      switch (value.type) {
        case 'text-delta': {
          if (value.text === '') break
          count(value.text.length)
          last = value.text
          if ((await receive(value.text)) !== 'stop') break
          return { outcome: 'finished', usage: estimate() }
        }
        case 'reasoning-delta':
          count(value.text.length)
          if (options.onReasoning(value.text.length) !== 'stop') break
          return { outcome: 'finished', usage: estimate() }
        case 'error':
          return failed(describeFailure(value.error, label, clock.now()))
        case 'abort':
          return { outcome: 'stopped', usage: estimate() }
        case 'finish': {
          ended = true
          const { inputTokens, outputTokens } = value.totalUsage
          const known = inputTokens !== undefined && outputTokens !== undefined
          const usage = known ? { input: inputTokens, output: outputTokens, estimated: false } : estimate()
          if (value.finishReason === 'content-filter') {
            return {
              outcome: 'failed',
              failure: { sentence: `${label} was stopped by its content filter.`, kind: 'turn' },
              usage,
            }
          }
          if (filter.isInside) {
            const why = value.finishReason === 'length' ? ' It has used up the tokens of an answer.' : ''
            const sentence = `${label} ended its answer while it was still thinking.${why}`
            return { outcome: 'failed', failure: { sentence, kind: 'turn' }, usage }
          }
          await receive('', true)
          if (value.finishReason === 'length') {
            const sentence = `${label} has used up the tokens of an answer in the middle of its message.`
            return { outcome: 'failed', failure: { sentence, kind: 'transient' }, usage }
          }
          const cutOff =
            value.finishReason === 'error' || (value.finishReason === 'other' && value.rawFinishReason === undefined)
          if (cutOff && !/[.!?…。！？"”'’)\]\s]$/.test(last)) {
            return {
              outcome: 'failed',
              failure: {
                sentence: `${label} closed the connection before its answer was complete.`,
                kind: 'transient',
              },
              usage,
            }
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

/** Estimates tokens as a quarter of the characters, for endpoints that report no usage. */
const estimateTokens = (characters: number) => Math.ceil(characters / 4)

const modelName = (model: LanguageModel): string => (typeof model === 'string' ? model : `The model ${model.modelId}`)
