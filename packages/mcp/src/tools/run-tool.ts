import type { ToolName, ToolResult } from '@midsentence/agent/tools'
import type { CallToolResult, ServerContext } from '@modelcontextprotocol/server'
import type { RoomClient } from '../room-client.ts'
import { misplacedArguments } from './argument-form.ts'
import { cancellable } from './cancellable.ts'
import { reportProgress } from './progress.ts'
import { structuredContent, textContent } from './tool-content.ts'
import { prefixResult } from './tool-prefix.ts'

export interface RunToolOptions {
  readonly structured: boolean
  readonly toolPrefix: string
  /** Default 10,000. */
  readonly progressMs: number | undefined
}

/** Runs a tool of `client` for one request. */
export async function runTool(
  client: RoomClient,
  tool: ToolName,
  args: unknown,
  { mcpReq }: ServerContext,
  { structured, toolPrefix, progressMs }: RunToolOptions,
): Promise<CallToolResult> {
  const { signal, end } = cancellable(client.feed, mcpReq.id, mcpReq.signal)
  const endProgress = tool === 'check' ? reportProgress(mcpReq, progressMs) : undefined
  let result: ToolResult | undefined
  try {
    result = misplacedArguments(tool, args) ?? (await client.call(tool, args, signal))
    const named = { ...result, text: prefixResult(result.text, toolPrefix) }
    return structured ? await structuredContent(named) : textContent(named)
  } finally {
    endProgress?.()
    end(result && (() => client.giveAgain(result!)))
  }
}
