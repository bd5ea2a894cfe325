import type { LanguageModel } from 'ai'

type ScriptedModel = Extract<LanguageModel, { specificationVersion: 'v3' }>

/** What a scripted model says, turn by turn; what it says when it is stopped in the middle of one. */
export interface DebateScript {
  readonly says: readonly string[]
  readonly stopped: string
}

/** So long a word takes, in milliseconds, at speed 1. */
const WORD_MS = 90

/**
 * A model that streams by script, a word at a time, and stops when it is told to: all that `converse` needs of one.
 * Asked what it still stands by, it keeps its first part.
 */
export function scriptedModel(modelId: string, { says, stopped }: DebateScript, speed: number): ScriptedModel {
  let turn = 0
  const answer = (asked: string) =>
    /In the first line of your answer/.test(asked) ? `1\n${stopped}` : (says[turn++] ?? '-')
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

/** Two who do not agree, and do not wait. */
export const debateScripts: Readonly<Record<'Claude' | 'GPT', DebateScript>> = {
  Claude: {
    says: [
      'Error correction will decide whether quantum computers are of use. It asks for a thousand physical qubits to make one that can be trusted. ' +
        'And as long as that is so, every hour spent on better algorithms is an hour spent on a machine that nobody has. Let me give three reasons for it.',
      'Then we agree on more than I thought. Codes and algorithms have to grow up together.',
    ],
    stopped:
      'But I have just read what you said, and you have a point: with better codes the thousand becomes a hundred.',
  },
  GPT: {
    says: [
      'Algorithms first, I would say. They tell us which errors matter at all.',
      'That is well put. A hundred would change what I would build tomorrow, and I would begin with chemistry.',
    ],
    stopped: 'Having read you, I would only add that the codes need algorithms of their own.',
  },
}
