import type { AsyncChatRoom } from '@midsentence/client'
import { type ActionAnswer, isMidsentenceError, type Participant, type Seq } from '@midsentence/core'
import { CHECK_MAX_MS, CHECK_MS, type ToolDefinition, type ToolName, toolDefinitions } from './definitions.ts'
import { failureText, resultText, type WhoResult } from './result-text.ts'

/** What a tool gives: the text that a model reads, and the same as data. */
export interface ToolResult {
  readonly text: string
  /** Absent where it failed. */
  readonly data?: ActionAnswer | WhoResult
  readonly failed?: true
}

export interface CallOptions {
  /**
   * What is the same for all calls of one turn of the model, compared by identity. A push is judged by what the model had
   * read when the turn began: what another call of the same turn was given, it could not know. Default: a turn a call.
   */
  readonly turn?: unknown
  readonly signal?: AbortSignal
}

/** The tools of one who takes part. */
export interface RoomTools {
  readonly definitions: readonly ToolDefinition[]
  /** Does it. Calls take effect in the order they were made. Rejects only when its signal aborts. */
  call(name: string, args: unknown, options?: CallOptions): Promise<ToolResult>
}

/** Marks messages that a model wrote, so that others may attend to people first. */
export const modelMeta = { by: 'model' } as const

/** The actions in `room` as tools, for whatever calls them: see `aiTools`, `openaiTools` and `anthropicTools`. */
export function roomTools(room: AsyncChatRoom | Participant): RoomTools {
  const reading = new Reading(async () => ('participant' in room ? room.participant() : room))
  return {
    definitions: toolDefinitions,
    call: (name, args, options = {}) => reading.call(name, args, options),
  }
}

/** A participant, and what the model that acts through it has read. */
class Reading {
  readonly #join: () => Promise<Participant>
  #participant: Participant | undefined
  #turn: unknown
  /** Where the model had read to, if this turn gave it more. */
  #read: Seq | undefined

  constructor(join: () => Promise<Participant>) {
    this.#join = join
  }

  async call(name: string, args: unknown, { turn = {}, signal }: CallOptions): Promise<ToolResult> {
    try {
      const participant = await this.#join()
      this.#listen(participant)
      if (turn !== this.#turn) this.#read = undefined
      this.#turn = turn
      const tool = toolNamed(name)
      const data = await this.#act(participant, tool, fieldsOf(args), signal)
      return { text: resultText(tool, data, participant.name), data }
    } catch (error) {
      if (signal?.aborted && !isMidsentenceError(error)) throw error
      return { text: failureText(error), failed: true }
    }
  }

  /** Answers are heard when they are made, which is before whoever asked for them gets to run. */
  #listen(participant: Participant): void {
    if (this.#participant === participant) return
    this.#participant = participant
    participant.events$.subscribe(event => {
      const first = event.type === 'answered' ? event.answer.messages[0] : undefined
      if (first) this.#read ??= first.seq - 1
    })
  }

  #act(
    participant: Participant,
    tool: ToolName,
    { text, timeout_ms }: Readonly<Record<string, unknown>>,
    signal: AbortSignal | undefined,
  ): Promise<ActionAnswer | WhoResult> {
    const ended = signal ? { signal } : {}
    switch (tool) {
      case 'append':
        if (typeof text !== 'string') throw new TypeError('append takes a text: what to add to your draft.')
        return participant.append(text)
      case 'push': {
        const base = this.#read
        return participant.push({ meta: modelMeta, ...(base !== undefined && { base }), ...ended })
      }
      case 'check':
        // What another call of this turn was given waits to be read.
        return participant.check({ timeout_ms: this.#read === undefined ? waitOf(timeout_ms) : 0, ...ended })
      case 'who':
        return Promise.resolve(participant.who())
      default:
        return participant[tool]()
    }
  }
}

function toolNamed(name: string): ToolName {
  const found = toolDefinitions.find(tool => tool.name === name)
  if (found) return found.name
  throw new TypeError(
    `There is no tool ${JSON.stringify(name)}: there are ${toolDefinitions.map(tool => tool.name).join(', ')}.`,
  )
}

/** How long a check waits: what was asked for, within bounds. */
export function waitOf(timeout_ms: unknown = CHECK_MS): number {
  if (typeof timeout_ms === 'number' && timeout_ms >= 0) return Math.min(timeout_ms, CHECK_MAX_MS)
  throw new TypeError(`check takes timeout_ms as a number of milliseconds from 0 to ${CHECK_MAX_MS}.`)
}

const fieldsOf = (args: unknown): Readonly<Record<string, unknown>> => Object(args ?? {})
