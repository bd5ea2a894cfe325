import { resultText, type ToolName, type ToolResult, type WhoResult } from '@midsentence/agent/tools'
import { renderMessages } from '@midsentence/client'
import type { ActionAnswer, Message } from '@midsentence/core'

/** Whoever an MCP client speaks for: does the tools, and knows what was said. */
export interface Seat {
  /** Does it. Calls take effect in the order they came. Rejects only where its signal aborts. */
  call(tool: ToolName, args: unknown, signal: AbortSignal): Promise<ToolResult>
  /** What was said, as far as it was given, own messages included, oldest first. Moves no cursor. */
  transcript(): Promise<readonly Message[]>
  /** Lets go of it. Idempotent, never fails. */
  close(): Promise<void>
}

/** So many messages are in a transcript at most. */
export const REMEMBERED = 200

/** Messages that were given to a caller who had gone away by then: they come with the next answer. */
export class Undelivered {
  #messages: readonly Message[] = []

  /** What is called now, for a call that must not wait while something waits to be read. */
  argsOf(tool: ToolName, args: unknown): unknown {
    return tool === 'check' && this.#messages.length > 0 ? { ...Object(args ?? {}), timeout_ms: 0 } : args
  }

  /** What `data` says, and what was not delivered before it. Kept for the next call where this one was given up too. */
  deliver(tool: ToolName, data: ActionAnswer | WhoResult, name: string, signal: AbortSignal): ToolResult {
    const messages = 'messages' in data ? data.messages : []
    const all = this.#messages.length === 0 ? messages : [...this.#messages, ...messages]
    if (signal.aborted) {
      this.#messages = all
      throw signal.reason
    }
    this.#messages = []
    if (!('messages' in data)) {
      const text = resultText(tool, data, name)
      return { data, text: all.length === 0 ? text : `${renderMessages(all)}\n${text}` }
    }
    const found = { ...data, messages: all, ...(tool === 'check' && all.length > 0 && { status: 1 as const }) }
    return { text: resultText(tool, found, name), data: found }
  }
}
