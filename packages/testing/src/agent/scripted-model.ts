import type { Clock } from '@midsentence/core'
import { MockLanguageModelV3 } from 'ai/test'

/** What a scripted model was asked: the last thing it was told, and all of it as one text. */
export interface Asked {
  readonly last: string
  readonly whole: string
  /** Counts from 1. */
  readonly call: number
}

export interface ScriptedOptions {
  readonly modelId?: string
  readonly clock: Clock
  /** What it writes, in the bits in which it streams. */
  say(asked: Asked): readonly string[]
  /** How long each bit takes, in milliseconds. Default 10. */
  pause?(): number
  /** Does it stop when it is told to? Default true. */
  readonly heeds?: boolean
}

export interface ScriptedModel {
  readonly model: MockLanguageModelV3
  /** Monotonic times at which a generation was aborted, as seen at the model. */
  readonly aborted: number[]
  /** Bits that were written after an abort, by one that does not heed it. */
  readonly late: string[]
  readonly asked: Asked[]
}

/** A model that streams by script, at the pace of `clock`, and sees when it is stopped. */
export function scriptedModel({
  modelId = 'scripted',
  clock,
  say,
  pause = () => 10,
  heeds = true,
}: ScriptedOptions): ScriptedModel {
  const aborted: number[] = []
  const late: string[] = []
  const asked: Asked[] = []
  const model = new MockLanguageModelV3({
    modelId,
    doStream: async ({ prompt, abortSignal }) => {
      const texts = prompt.map(({ content }) =>
        typeof content === 'string' ? content : content.map(part => ('text' in part ? part.text : '')).join(''),
      )
      const question = { last: texts.at(-1)!, whole: texts.join('\n'), call: asked.length + 1 }
      asked.push(question)
      const bits = [...say(question)]
      abortSignal?.addEventListener('abort', () => aborted.push(clock.monotonic()), { once: true })
      let written = 0
      const stream = new ReadableStream({
        start(controller) {
          controller.enqueue({ type: 'text-start', id: '1' })
          const next = () => {
            const stopped = abortSignal?.aborted === true
            if (stopped && heeds) return controller.error(abortSignal.reason)
            const bit = bits.shift()
            if (bit === undefined) {
              controller.enqueue({ type: 'text-end', id: '1' })
              const inputTokens = { total: Math.ceil(question.whole.length / 4) }
              const usage = { inputTokens, outputTokens: { total: Math.ceil(written / 4) } }
              controller.enqueue({ type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage })
              return controller.close()
            }
            if (stopped) late.push(bit)
            written += bit.length
            controller.enqueue({ type: 'text-delta', id: '1', delta: bit })
            clock.after(pause(), next)
          }
          clock.after(pause(), next)
        },
      })
      return { stream: stream as never }
    },
  })
  return { model, aborted, late, asked }
}

/** A text in the bits in which models stream: a word at a time. */
export const words = (text: string): string[] => text.match(/\s*\S+|\s+$/g) ?? []
