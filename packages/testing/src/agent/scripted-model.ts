import type { Clock } from '@midsentence/core'
import { MockLanguageModelV3 } from 'ai/test'

/** A prompt to a scripted model: its last message, and all messages as one text. */
export interface ScriptedPrompt {
  readonly last: string
  readonly whole: string
  /** Position of the call, from 1. */
  readonly call: number
}

export interface ScriptedOptions {
  readonly modelId?: string
  readonly clock: Clock
  /** Returns the chunks of the answer. */
  say(prompt: ScriptedPrompt): readonly string[]
  /** Time per chunk, in milliseconds. Default 10. */
  pause?(): number
  /** Whether the model stops on an abort. Default true. */
  readonly stopsOnAbort?: boolean
}

export interface TestModel {
  readonly model: MockLanguageModelV3
  /** Monotonic times at which the model saw an abort. */
  readonly aborted: number[]
  /** Chunks sent after an abort, when `stopsOnAbort` is false. */
  readonly late: string[]
  readonly prompts: ScriptedPrompt[]
}

/** Creates a model that streams scripted chunks by `clock` and records prompts and aborts. */
export function scriptedModel({
  modelId = 'scripted',
  clock,
  say,
  pause = () => 10,
  stopsOnAbort = true,
}: ScriptedOptions): TestModel {
  const aborted: number[] = []
  const late: string[] = []
  const prompts: ScriptedPrompt[] = []
  const model = new MockLanguageModelV3({
    modelId,
    doStream: async ({ prompt, abortSignal }) => {
      const texts = prompt.map(({ content }) =>
        typeof content === 'string' ? content : content.map(part => ('text' in part ? part.text : '')).join(''),
      )
      const scripted = { last: texts.at(-1)!, whole: texts.join('\n'), call: prompts.length + 1 }
      prompts.push(scripted)
      const chunks = [...say(scripted)]
      abortSignal?.addEventListener('abort', () => aborted.push(clock.monotonic()), { once: true })
      let written = 0
      const stream = new ReadableStream({
        start(controller) {
          controller.enqueue({ type: 'text-start', id: '1' })
          const next = () => {
            const stopped = abortSignal?.aborted === true
            if (stopped && stopsOnAbort) return controller.error(abortSignal.reason)
            const chunk = chunks.shift()
            if (chunk === undefined) {
              controller.enqueue({ type: 'text-end', id: '1' })
              const inputTokens = { total: Math.ceil(scripted.whole.length / 4) }
              const usage = { inputTokens, outputTokens: { total: Math.ceil(written / 4) } }
              controller.enqueue({ type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage })
              return controller.close()
            }
            if (stopped) late.push(chunk)
            written += chunk.length
            controller.enqueue({ type: 'text-delta', id: '1', delta: chunk })
            clock.after(pause(), next)
          }
          clock.after(pause(), next)
        },
      })
      return { stream: stream as never }
    },
  })
  return { model, aborted, late, prompts }
}

/** Splits a text into chunks of one word. */
export const words = (text: string): string[] => text.match(/\s*\S+|\s+$/g) ?? []
