import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { LanguageModel } from 'ai'
import { usageError } from '../usage-error.ts'

// The AI SDK would print what an endpoint does not support among what is shown.
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })

/** A model behind any endpoint that speaks as OpenAI's chat completions do. */
export function openaiCompatibleModel(
  baseURL: string | undefined,
  model: string | undefined,
  keyName: string | undefined,
): LanguageModel {
  if (model === undefined || model.trim() === '') throw usageError('You need a model, as in: --model llama3.2')
  if (baseURL === undefined || !/^https?:$/.test(URL.canParse(baseURL) ? new URL(baseURL).protocol : ''))
    throw usageError('--base-url is the address of an endpoint, as http://127.0.0.1:11434/v1.')
  const apiKey = keyName === undefined ? undefined : process.env[keyName]
  if (keyName !== undefined && !apiKey)
    throw usageError(`The environment has no ${keyName}: set it to the key, or leave --api-key-env out.`)
  const endpoint = createOpenAICompatible({ name: 'endpoint', baseURL, includeUsage: true, ...(apiKey && { apiKey }) })
  return endpoint(model)
}
