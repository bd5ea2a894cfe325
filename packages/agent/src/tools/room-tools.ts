import { type AsyncChatRoom, inLine } from '@midsentence/client'
import {
  type CheckAnswer,
  type Clock,
  isMidsentenceError,
  linkSignals,
  type Participant,
  suffixOf,
  systemClock,
} from '@midsentence/core'
import { CHECK_MAX_MS, type ToolDefinition, type ToolName, toolDefinitions } from './definitions.ts'
import { readArguments, type ToolArguments } from './read-arguments.ts'
import { ReadLog } from './read-log.ts'
import { failureText, type ToolData, type ToolResult } from './result-text.ts'
import { StartNotices } from './start-notices.ts'

export interface ToolCallOptions {
  /**
   * Identity of the model's turn, the same object for all its calls. A second push without a read code counts what the
   * held answer showed as read if it is of a later turn. Default: a turn lasts a second.
   */
  readonly turn?: unknown
  readonly signal?: AbortSignal
}

/** Tools of one participant. */
export interface RoomTools {
  readonly definitions: readonly ToolDefinition[]
  /** Runs a tool. Calls take effect in order. Rejects only when its signal aborts. */
  call(name: string, args: unknown, options?: ToolCallOptions): Promise<ToolResult>
  /** Tells that the model has not got a result, such as one that crossed its cancellation: the next one shows its messages. */
  giveAgain(result: ToolResult): void
}

/** `meta` of a message that a model wrote, so that others can prefer people. */
export const modelMeta = { by: 'model' } as const

export interface RoomToolsOptions {
  /** Longest wait of a check, in milliseconds: less than the host waits for a tool. Default 55,000. */
  readonly checkMaxMs?: number
  /** The name that the settings ask for. The first result tells a participant that got another one. Default: its own. */
  readonly askedName?: string
  /** Default `systemClock()`. */
  readonly clock?: Clock
}

/** Creates tools for the actions in `room`, independent of an SDK. See `aiTools`, `openaiTools`, `anthropicTools`. */
export function roomTools(
  room: Pick<AsyncChatRoom, 'participant'> | Participant,
  { checkMaxMs = CHECK_MAX_MS, clock = systemClock(), askedName }: RoomToolsOptions = {},
): RoomTools {
  const join = async () => ('participant' in room ? room.participant() : room)
  const caller = new ToolCaller({ join, checkMaxMs, clock, askedName })
  return {
    definitions: toolDefinitions,
    call: (name, args, options = {}) => caller.call(name, args, options),
    giveAgain: result => caller.giveAgain(result),
  }
}

interface ToolCallerDeps {
  readonly join: () => Promise<Participant>
  readonly checkMaxMs: number
  readonly clock: Clock
  readonly askedName: string | undefined
}

/** Runs tools for one participant. A `ReadLog` tracks what its model has read. */
class ToolCaller {
  readonly #join: () => Promise<Participant>
  readonly #clock: Clock
  readonly #checkMaxMs: number
  readonly #askedName: string | undefined
  #starting: StartNotices | undefined
  #participant: Participant | undefined
  #log: ReadLog | undefined
  /** The turn in which messages were shown last. */
  #shownTurn: unknown

  constructor({ join, checkMaxMs, clock, askedName }: ToolCallerDeps) {
    this.#join = join
    this.#checkMaxMs = checkMaxMs
    this.#clock = clock
    this.#askedName = askedName
  }

  async call(name: string, args: unknown, { turn, signal }: ToolCallOptions): Promise<ToolResult> {
    try {
      const participant = await this.#join()
      const log = this.#logOf(participant)
      const tool = findTool(name)
      const fields = readArguments(tool, args, this.#checkMaxMs)
      const hasCode = (tool === 'push' || tool === 'check') && log.acknowledge(fields.read)
      const data = await this.#run(participant, log, tool, fields, { turn, hasCode, signal })
      const { observable, recorded, hushed, link } = participant.view
      const notices = [
        ...(this.#starting?.of(tool, data) ?? []),
        ...(link.state === 'up' ? [] : [unreachable(link.reason)]),
      ]
      const shown = { name: participant.name, signal, turn, hasCode, observable, recorded, hushed, notices }
      const result = log.show(tool, data, shown)
      this.#starting?.clear()
      if (result.data && 'messages' in result.data && result.data.messages.length > 0) this.#shownTurn = turn
      return result
    } catch (error) {
      if (signal?.aborted && !isMidsentenceError(error)) throw error
      this.#log?.noteFailure(error)
      return { text: failureText(error), failed: true }
    }
  }

  giveAgain(result: ToolResult): void {
    this.#log?.giveAgain(result)
  }

  /** Returns the log of a participant, which events fill: they come before the awaited answer, and after an abort. */
  #logOf(participant: Participant): ReadLog {
    if (this.#log && this.#participant === participant) return this.#log
    this.#participant = participant
    const { name, view } = participant
    const suffix = suffixOf(view.draft)
    this.#starting = new StartNotices({ name, askedName: this.#askedName, suffix, segments: view.draft.segments })
    const log = new ReadLog(participant.view.cursor, this.#clock)
    this.#log = log
    participant.events$.subscribe(event => {
      if (event.type === 'answered') log.add(event.answer)
    })
    return log
  }

  #run(
    participant: Participant,
    log: ReadLog,
    tool: ToolName,
    { text, timeout_ms }: ToolArguments,
    { turn, hasCode, signal }: ToolCallOptions & { readonly hasCode: boolean },
  ): Promise<ToolData> {
    const ended = signal ? { signal } : {}
    switch (tool) {
      case 'append':
        return participant.append(text)
      case 'push':
        return participant.push({ meta: modelMeta, base: log.pushBase(hasCode, turn), ...ended })
      case 'check': {
        // The model has not read the messages of this turn yet, so it must not wait for more.
        const isRead = !log.hasNews(hasCode) && (turn === undefined || turn !== this.#shownTurn)
        return withWriters(participant, checkUntilHush(participant, isRead ? timeout_ms : 0, signal))
      }
      case 'who':
        return Promise.resolve(participant.who())
      default:
        return participant[tool]()
    }
  }
}

/** Makes a check that ends with nothing when a hush begins or ends, so that its model reads it at once. */
async function checkUntilHush(
  participant: Participant,
  timeout_ms: number | undefined,
  signal: AbortSignal | undefined,
): Promise<CheckAnswer> {
  const { hushed } = participant.view
  const until = linkSignals([signal])
  const watching = participant.state$.subscribe(view => {
    if (view.hushed !== hushed) until.abort()
  })
  try {
    return await participant.check({ timeout_ms, signal: until.signal })
  } catch (error) {
    if (signal?.aborted || participant.view.hushed === hushed) throw error
    return { status: 0, messages: [], cursor: participant.view.cursor }
  } finally {
    watching.unsubscribe()
    until.unlink()
  }
}

/** Adds who is writing to a check that brought nothing. */
async function withWriters(participant: Participant, check: Promise<CheckAnswer>): Promise<ToolData> {
  const answer = await check
  const writing = [...participant.view.writing]
  return answer.messages.length > 0 || writing.length === 0 ? answer : { ...answer, writing }
}

/** Tells a model that nothing new can arrive, since a check that brings nothing would look like silence. */
const unreachable = (reason: string): string =>
  `The room cannot be reached now, and you do not hear what is said there: ${inLine(reason).replace(/\.$/, '')}. Your draft is kept. If this goes on, tell your user.`

function findTool(name: string): ToolName {
  const found = toolDefinitions.find(tool => tool.name === name)
  if (found) return found.name
  throw new TypeError(
    `There is no tool ${JSON.stringify(name)}: there are ${toolDefinitions.map(tool => tool.name).join(', ')}.`,
  )
}
