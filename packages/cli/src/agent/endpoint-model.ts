import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { endpointFetch } from '@midsentence/agent'
import type { LanguageModel } from 'ai'
import type { EndpointOptions } from './parse-endpoint.ts'

// The AI SDK would print warnings about unsupported settings into the conversation.
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })

/** Creates a model of the AI SDK for an OpenAI-compatible endpoint. */
export const endpointModel = ({ model, headers = {}, ...endpoint }: EndpointOptions): LanguageModel =>
  createOpenAICompatible({ name: 'endpoint', includeUsage: true, fetch: endpointFetch, headers, ...endpoint })(model)
