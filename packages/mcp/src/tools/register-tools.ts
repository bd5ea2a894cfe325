import {
  CHECK_MAX_MS,
  type ToolName,
  type ToolParameters,
  toolDefinitions,
  waitText,
} from '@midsentence/agent/definitions'
import { fromJsonSchema, type JsonSchemaType, type McpServer, type ToolAnnotations } from '@modelcontextprotocol/server'
import { noValidation } from '../no-validation.ts'
import type { RoomClient } from '../room-client.ts'
import { resultSchema } from './result-schema.ts'
import { prefixNames } from './tool-prefix.ts'

export interface McpToolOptions {
  /** Longest wait of a check, in milliseconds, as its schema has it. Default 55,000. */
  readonly checkMaxMs?: number
  /**
   * Adds structured content to the results, and its schema to the tools: for programs. Many hosts show it to the model in place
   * of the text. Default false.
   */
  readonly structured?: boolean
  /** Text before the name of each tool, such as `chat_`, for hosts that show bare names. Default none. */
  readonly toolPrefix?: string
  /** How often a waiting check reports progress, in milliseconds. Default 10,000. */
  readonly progressMs?: number
}

/** Hints about a tool that a host may show before a call. No tool destroys what others see: a draft is its author's alone. */
const annotations: Readonly<Record<ToolName, ToolAnnotations>> = {
  append: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  undo: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  push: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  reset: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  check: { readOnlyHint: true, destructiveHint: false, openWorldHint: true },
  preview: { readOnlyHint: true, destructiveHint: false, openWorldHint: false },
  who: { readOnlyHint: true, destructiveHint: false, openWorldHint: false },
}

/** Registers the tools of `client`. */
export function registerTools(
  server: McpServer,
  client: RoomClient,
  { checkMaxMs = CHECK_MAX_MS, structured = false, toolPrefix = '', progressMs }: McpToolOptions,
): void {
  for (const { name, title, description, parameters } of toolDefinitions) {
    const schema = describe(parameters, checkMaxMs, toolPrefix) as unknown as JsonSchemaType
    const config = {
      title,
      description: prefixNames(description, toolPrefix),
      // The tools read their arguments, and answer wrong ones with a sentence for the model.
      inputSchema: fromJsonSchema(schema, noValidation),
      ...(structured && { outputSchema: fromJsonSchema(resultSchema, noValidation) }),
      annotations: { title, ...annotations[name] },
    }
    server.registerTool(toolPrefix + name, config, async (args, context) => {
      // Loaded here, because a host waits for the first answers.
      const { runTool } = await import('./run-tool.ts')
      return runTool(client, name, args, context, { structured, toolPrefix, progressMs })
    })
  }
}

/** Returns parameters with the longest wait and the names of the tools in their descriptions. */
function describe(parameters: ToolParameters, checkMaxMs: number, prefix: string): ToolParameters {
  const entries = Object.entries(parameters.properties).map(([key, property]) => {
    const description = key === 'timeout_ms' ? waitText(checkMaxMs) : String(property.description)
    return [key, { ...property, description: prefixNames(description, prefix) }] as const
  })
  return { ...parameters, properties: Object.fromEntries(entries) }
}
