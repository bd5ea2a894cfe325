export { type Attention, type AttentionName, attentionOf, attentions, type Claim, claims } from './loop/attention.ts'
export { type Budget, type Conversation, type ConverseOptions, converse } from './loop/converse.ts'
export type { ConverseEvent, Ending, Reason, Spent } from './loop/events.ts'
export type { ModelSettings } from './loop/generation.ts'
export type { HistoryLimits } from './loop/history.ts'
export { aiTools } from './tools/ai-tools.ts'
export {
  type AnthropicTool,
  type AnthropicToolResult,
  type AnthropicTools,
  anthropicTools,
} from './tools/anthropic-tools.ts'
export { type ToolDefinition, type ToolName, type ToolParameters, toolDefinitions } from './tools/definitions.ts'
export {
  type OpenAiCallOutput,
  type OpenAiResponseTool,
  type OpenAiResponseTools,
  type OpenAiTool,
  type OpenAiToolCall,
  type OpenAiToolMessage,
  type OpenAiTools,
  openaiResponseTools,
  openaiTools,
} from './tools/openai-tools.ts'
export { failureText, resultText, type WhoResult } from './tools/result-text.ts'
export { type CallOptions, modelMeta, type RoomTools, roomTools, type ToolResult, waitOf } from './tools/room-tools.ts'
