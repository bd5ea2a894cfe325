export {
  type Attention,
  type AttentionPreset,
  type AttentionRule,
  attentionPresets,
  matchesAttention,
  resolveAttention,
} from './loop/attention.ts'
export {
  type ConversationBudget,
  type ConversationResult,
  type ConverseOptions,
  converse,
} from './loop/converse.ts'
export type { ConverseEvent, EndReason, ReviewReason, TokenUsage } from './loop/events.ts'
export { endpointFetch } from './loop/model/endpoint-fetch.ts'
export type { ModelSettings } from './loop/model/generate.ts'
export type { HistoryLimits } from './loop/prompt-history.ts'
export { aiTools } from './tools/ai-tools.ts'
export { anthropicTools } from './tools/anthropic-tools.ts'
export { openaiResponseTools, openaiTools } from './tools/openai-tools.ts'
export { type RoomTools, roomTools } from './tools/room-tools.ts'
