import { resultText, type ToolName, type ToolResult, type WhoToolResult } from '@midsentence/agent/tools'
import { renderMessages } from '@midsentence/client'
import type { ActionAnswer, Message } from '@midsentence/core'

/** Runs the tools of one participant and keeps its transcript. */
export interface RoomClient {
  /** Runs a tool. Calls take effect in order. Rejects only when its signal aborts. */
  call(tool: ToolName, args: unknown, signal: AbortSignal): Promise<ToolResult>
  /** Resolves with the delivered messages, own ones included, oldest first. Moves no cursor. */
  transcript(): Promise<readonly Message[]>
  /** Releases the participant. Idempotent, never rejects. */
  close(): Promise<void>
}

/** Most messages in a transcript. */
export const TRANSCRIPT_LIMIT = 200

/** Keeps messages whose call was aborted before its answer, and delivers them with the next answer. */
export class UndeliveredMessages {
  #messages: readonly Message[] = []

  /** Returns the arguments of a call. A check does not wait while messages are undelivered. */
  argsOf(tool: ToolName, args: unknown): unknown {
    return tool === 'check' && this.#messages.length > 0 ? { ...Object(args ?? {}), timeout_ms: 0 } : args
  }

  /** Returns `data` with all undelivered messages. Throws the abort reason and keeps them when `signal` was aborted. */
  deliver(tool: ToolName, data: ActionAnswer | WhoToolResult, name: string, signal: AbortSignal): ToolResult {
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
    const merged = { ...data, messages: all, ...(tool === 'check' && all.length > 0 && { status: 1 as const }) }
    return { text: resultText(tool, merged, name), data: merged }
  }
}
