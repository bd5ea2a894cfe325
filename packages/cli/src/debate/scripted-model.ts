import type { LanguageModel } from 'ai'

type ScriptedModel = Extract<LanguageModel, { specificationVersion: 'v3' }>

/** Lines of a scripted model. */
export interface DebateScript {
  /** One message per turn. After the last one the model says nothing. */
  readonly messages: readonly string[]
  /** Continuation after an interruption. */
  readonly afterInterruption: string
}

/** Time per word at speed 1, in milliseconds. */
const WORD_MS = 90

/**
 * Creates a model that streams a script, one word at a time, and stops when it is aborted. When it is asked how much of its
 * draft to keep, it keeps the first part. Implements the subset of the AI SDK that `converse` uses.
 */
export function scriptedModel(modelId: string, script: DebateScript, speed: number): ScriptedModel {
  const { messages, afterInterruption } = script
  let turn = 0
  const answer = (prompt: string) =>
    /In the first line of your answer/.test(prompt) ? `1\n${afterInterruption}` : (messages[turn++] ?? '-')
  return {
    specificationVersion: 'v3',
    provider: 'script',
    modelId,
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error('A scripted model only streams.')),
    doStream: async ({ prompt, abortSignal }) => {
      const last = prompt.at(-1)?.content
      const text = Array.isArray(last) ? last.map(part => ('text' in part ? part.text : '')).join('') : ''
      const words = answer(text).match(/\s*\S+|\s+$/g) ?? []
      const usage = { inputTokens: { total: 1 }, outputTokens: { total: words.length } } as FinishPart['usage']
      const finish: FinishPart = { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage }
      let timer: NodeJS.Timeout | undefined
      const stream = new ReadableStream<StreamPart>({
        start(controller) {
          controller.enqueue({ type: 'text-start', id: '1' })
          abortSignal?.addEventListener('abort', () => {
            clearTimeout(timer)
            controller.error(abortSignal.reason)
          })
        },
        pull: controller =>
          new Promise(resolve => {
            timer = setTimeout(() => {
              const word = words.shift()
              if (word !== undefined) controller.enqueue({ type: 'text-delta', id: '1', delta: word })
              else {
                controller.enqueue({ type: 'text-end', id: '1' })
                controller.enqueue(finish)
                controller.close()
              }
              resolve()
            }, WORD_MS / speed)
          }),
      })
      return { stream }
    },
  }
}

type StreamPart = Awaited<ReturnType<ScriptedModel['doStream']>>['stream'] extends ReadableStream<infer B> ? B : never
type FinishPart = Extract<StreamPart, { type: 'finish' }>

/** Scripts of two debaters who interrupt each other. */
export const debateScripts: Readonly<Record<'Claude' | 'GPT', DebateScript>> = {
  Claude: {
    messages: [
      'Error correction will decide whether quantum computers are of use. It asks for a thousand physical qubits to make one that can be trusted. ' +
        'And as long as that is so, every hour spent on better algorithms is an hour spent on a machine that nobody has. Let me give three reasons for it.',
      'Then we agree on more than I thought. Codes and algorithms have to grow up together.',
    ],
    afterInterruption:
      'But I have just read what you said, and you have a point: with better codes the thousand becomes a hundred.',
  },
  GPT: {
    messages: [
      'Algorithms first, I would say. They tell us which errors matter at all.',
      'That is well put. A hundred would change what I would build tomorrow, and I would begin with chemistry.',
    ],
    afterInterruption: 'Having read you, I would only add that the codes need algorithms of their own.',
  },
}
