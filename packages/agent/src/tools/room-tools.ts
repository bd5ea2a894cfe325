import type { AsyncChatRoom } from '@midsentence/client'
import { type ActionAnswer, isMidsentenceError, type Participant, type Seq } from '@midsentence/core'
import { CHECK_DEFAULT_MS, CHECK_MAX_MS, type ToolDefinition, type ToolName, toolDefinitions } from './definitions.ts'
import { failureText, resultText, type WhoToolResult } from './result-text.ts'

/** Result of a tool call: the text for the model, and the same as data. */
export interface ToolResult {
  readonly text: string
  /** Absent when the call failed. */
  readonly data?: ActionAnswer | WhoToolResult
  readonly failed?: true
}

export interface ToolCallOptions {
  /**
   * Identity of the model's turn, the same object for all its calls. A push is judged by what the model had read when the
   * turn began, because the model wrote all calls before it read any result. Default: each call is its own turn.
   */
  readonly turn?: unknown
  readonly signal?: AbortSignal
}

/** Tools of one participant. */
export interface RoomTools {
  readonly definitions: readonly ToolDefinition[]
  /** Runs a tool. Calls take effect in order. Rejects only when its signal aborts. */
  call(name: string, args: unknown, options?: ToolCallOptions): Promise<ToolResult>
}

/** `meta` of a message that a model wrote, so that others can prefer people. */
export const modelMeta = { by: 'model' } as const

/** Creates tools for the actions in `room`, independent of an SDK. See `aiTools`, `openaiTools`, `anthropicTools`. */
export function roomTools(room: AsyncChatRoom | Participant): RoomTools {
  const caller = new ToolCaller(async () => ('participant' in room ? room.participant() : room))
  return {
    definitions: toolDefinitions,
    call: (name, args, options = {}) => caller.call(name, args, options),
  }
}

/** Runs tools for one participant and tracks what its model has read. */
class ToolCaller {
  readonly #join: () => Promise<Participant>
  #participant: Participant | undefined
  #turn: unknown
  /** Seq up to which the model had read when the turn began. Set when this turn delivers messages. */
  #readUpTo: Seq | undefined

  constructor(join: () => Promise<Participant>) {
    this.#join = join
  }

  async call(name: string, args: unknown, { turn = {}, signal }: ToolCallOptions): Promise<ToolResult> {
    try {
      const participant = await this.#join()
      this.#listen(participant)
      if (turn !== this.#turn) this.#readUpTo = undefined
      this.#turn = turn
      const tool = findTool(name)
      const data = await this.#run(participant, tool, toFields(args), signal)
      return { text: resultText(tool, data, participant.name), data }
    } catch (error) {
      if (signal?.aborted && !isMidsentenceError(error)) throw error
      return { text: failureText(error), failed: true }
    }
  }

  /** Tracks delivered messages by events, which come before the awaited answer. */
  #listen(participant: Participant): void {
    if (this.#participant === participant) return
    this.#participant = participant
    participant.events$.subscribe(event => {
      const first = event.type === 'answered' ? event.answer.messages[0] : undefined
      if (first) this.#readUpTo ??= first.seq - 1
    })
  }

  #run(
    participant: Participant,
    tool: ToolName,
    { text, timeout_ms }: Readonly<Record<string, unknown>>,
    signal: AbortSignal | undefined,
  ): Promise<ActionAnswer | WhoToolResult> {
    const ended = signal ? { signal } : {}
    switch (tool) {
      case 'append':
        if (typeof text !== 'string') throw new TypeError('append takes a text: what to add to your draft.')
        return participant.append(text)
      case 'push': {
        const base = this.#readUpTo
        return participant.push({ meta: modelMeta, ...(base !== undefined && { base }), ...ended })
      }
      case 'check':
        // The model has not read the messages of this turn yet, so it must not wait for more.
        return participant.check({ timeout_ms: this.#readUpTo === undefined ? checkTimeout(timeout_ms) : 0, ...ended })
      case 'who':
        return Promise.resolve(participant.who())
      default:
        return participant[tool]()
    }
  }
}

function findTool(name: string): ToolName {
  const found = toolDefinitions.find(tool => tool.name === name)
  if (found) return found.name
  throw new TypeError(
    `There is no tool ${JSON.stringify(name)}: there are ${toolDefinitions.map(tool => tool.name).join(', ')}.`,
  )
}

/** Returns the wait of a check in milliseconds, at most 55,000. Throws a `TypeError` for anything but a number. */
export function checkTimeout(timeout_ms: unknown = CHECK_DEFAULT_MS): number {
  if (typeof timeout_ms === 'number' && timeout_ms >= 0) return Math.min(timeout_ms, CHECK_MAX_MS)
  throw new TypeError(`check takes timeout_ms as a number of milliseconds from 0 to ${CHECK_MAX_MS}.`)
}

const toFields = (args: unknown): Readonly<Record<string, unknown>> => Object(args ?? {})
