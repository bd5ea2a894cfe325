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
export { readArguments, type ToolArguments } from './read-arguments.ts'
export { lettersOf, type ReadCodes } from './read-codes.ts'
export { MAX_UNREAD, ReadLog } from './read-log.ts'
export {
  failureText,
  type ResultExtras,
  resultText,
  type ToolData,
  type ToolResult,
  type WhoToolResult,
} from './result-text.ts'
export {
  modelMeta,
  type RoomTools,
  type RoomToolsOptions,
  roomTools,
  type ToolCallOptions,
} from './room-tools.ts'
export { StartNotices } from './start-notices.ts'
