export {
  type Attention,
  type AttentionPreset as AttentionName,
  type AttentionRule as Claim,
  attentionPresets as attentions,
  matchesAttention as claims,
  resolveAttention as attentionOf,
} from './loop/attention.ts'
export {
  type ConversationBudget as Budget,
  type ConversationResult as Conversation,
  type ConverseOptions,
  converse,
} from './loop/converse.ts'
export type { ConverseEvent, EndReason as Ending, ReviewReason as Reason, TokenUsage as Spent } from './loop/events.ts'
export type { ModelSettings } from './loop/generate.ts'
export type { HistoryLimits } from './loop/prompt-history.ts'
export { aiTools } from './tools/ai-tools.ts'
