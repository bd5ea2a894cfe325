import type { Clock } from '@midsentence/core'
import { type LanguageModel, type ModelMessage, streamText } from 'ai'
import type { TokenUsage } from './events.ts'
import { describeFailure, type ModelFailure } from './model-failure.ts'

/** Settings of the model that are passed on as they are. */
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
  /** So long an endpoint may say nothing, in milliseconds. */
  readonly stall_ms: number
  /** Stops it: at the model too, by its own abort signal. */
  readonly signal: AbortSignal
  /** Takes the text, bit by bit; "stop" ends the generation as if the model had finished. */
  onText(text: string): Promise<'stop' | undefined> | 'stop' | undefined
}

export type GenerationResult = { readonly spent: TokenUsage } & (
  | { readonly outcome: 'finished' }
  /** By its signal. */
  | { readonly outcome: 'stopped' }
  | { readonly outcome: 'failed'; readonly failure: ModelFailure }
)

/**
 * Lets a model write. Ends when it has finished, failed or is stopped, and then at once: what an endpoint that ignores
 * being stopped still sends is not read. Never rejects for what the model does.
 */
export async function generate(options: GenerationOptions): Promise<GenerationResult> {
  const { model, system, messages, settings, clock, stall_ms, signal, onText } = options
  const label = modelName(model)
  const asked = system.length + messages.reduce((sum, { content }) => sum + content.length, 0)
  let written = 0
  const estimate = (): TokenUsage => ({
    input: estimateTokens(asked),
    output: estimateTokens(written),
    estimated: true,
  })
  const failed = (failure: ModelFailure): GenerationResult => ({ outcome: 'failed', failure, spent: estimate() })

  if (signal.aborted) return { outcome: 'stopped', spent: { input: 0, output: 0, estimated: true } }
  const aborting = new AbortController()
  // What is waited for now, whichever comes first: one promise for the whole stream would keep all its waiters.
  let wake: (why: 'stopped' | 'stalled') => void = () => {}
  const stop = () => {
    aborting.abort(signal.reason)
    wake('stopped')
  }
  signal.addEventListener('abort', stop, { once: true })
  let heard = clock.monotonic()
  let cancel = () => {}
  const watch = () => {
    const left = stall_ms - (clock.monotonic() - heard)
    if (left <= 0) wake('stalled')
    else cancel = clock.after(left, watch)
  }
  const { fullStream } = streamText({
    ...settings,
    model,
    system,
    messages,
    maxRetries: 0,
    abortSignal: aborting.signal,
    // Told below; by default it would be printed.
    onError() {},
  })
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
      heard = clock.monotonic()
      if (part === 'stopped' || signal.aborted) {
        return { outcome: 'stopped', spent: estimate() }
      }
      if (part === 'stalled') {
        return failed({
          sentence: `${label} has said nothing for ${Math.round(stall_ms / 1000)} seconds.`,
          kind: 'passing',
        })
      }
      if ('error' in part) return failed(describeFailure(part.error, label, clock.now()))
      if (part.done) return failed({ sentence: `${label} ended its answer without a word about why.`, kind: 'passing' })
      const { value } = part
      switch (value.type) {
        case 'text-delta': {
          if (value.text === '') break
          written += value.text.length
          last = value.text
          if ((await onText(value.text)) !== 'stop') break
          return { outcome: 'finished', spent: estimate() }
        }
        case 'reasoning-delta':
          written += value.text.length
          break
        case 'error':
          return failed(describeFailure(value.error, label, clock.now()))
        case 'abort':
          return { outcome: 'stopped', spent: estimate() }
        case 'finish': {
          ended = true
          const { inputTokens, outputTokens } = value.totalUsage
          const known = inputTokens !== undefined && outputTokens !== undefined
          const spent = known ? { input: inputTokens, output: outputTokens, estimated: false } : estimate()
          if (value.finishReason === 'content-filter') {
            return {
              outcome: 'failed',
              failure: { sentence: `${label} was stopped by its content filter.`, kind: 'turn' },
              spent,
            }
          }
          const cutOff =
            value.finishReason === 'error' || (value.finishReason === 'other' && value.rawFinishReason === undefined)
          if (cutOff && !/[.!?…。！？"”'’)\]\s]$/.test(last)) {
            return {
              outcome: 'failed',
              failure: { sentence: `${label} closed its answer before it was done.`, kind: 'passing' },
              spent,
            }
          }
          return { outcome: 'finished', spent }
        }
      }
    }
  } finally {
    cancel()
    signal.removeEventListener('abort', stop)
    if (!ended) abandon()
  }
}

/** Tokens that so many characters come to, where nobody says. */
const estimateTokens = (characters: number) => Math.ceil(characters / 4)

const modelName = (model: LanguageModel): string => (typeof model === 'string' ? model : `The model ${model.modelId}`)
