export { type AnthropicTool, type AnthropicToolResult, type AnthropicTools, anthropicTools } from './anthropic-tools.ts'
export {
  CHECK_MAX_MS,
  CHECK_MS,
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
export { failureText, resultText, type WhoResult } from './result-text.ts'
export { type CallOptions, modelMeta, type RoomTools, roomTools, type ToolResult, waitOf } from './room-tools.ts'
