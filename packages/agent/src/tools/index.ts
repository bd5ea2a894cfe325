export { type AnthropicTool, type AnthropicToolResult, type AnthropicTools, anthropicTools } from './anthropic-tools.ts'
export {
  CHECK_DEFAULT_MS,
  CHECK_MAX_MS,
  type ToolDefinition,
  type ToolName,
  type ToolParameters,
  toolDefinitions,
} from './definitions.ts'
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
} from './openai-tools.ts'
export { failureText, resultText, type WhoToolResult } from './result-text.ts'
export {
  checkTimeout,
  modelMeta,
  type RoomTools,
  roomTools,
  type ToolCallOptions,
  type ToolResult,
} from './room-tools.ts'
