import {
  CHECK_MAX_MS,
  failureText,
  type RoomToolsOptions,
  roomTools,
  type ToolName,
  type ToolResult,
} from '@midsentence/agent/tools'
import type { AsyncChatRoom } from '@midsentence/client'
import {
  type Clock,
  type Draft,
  type EmittedEvent,
  evolve,
  type Message,
  MidsentenceError,
  type Participant,
  systemClock,
  textOf,
} from '@midsentence/core'
import { answerInTime } from './call-limit.ts'
import { localFeed } from './events/local-feed.ts'
import type { RoomFeed } from './events/room-feed.ts'
import { type RoomClient, TRANSCRIPT_LIMIT } from './room-client.ts'

/** Joins a room and leaves it: an `AsyncChatRoom`, or what picks a free name first. */
export type RoomSource = Pick<AsyncChatRoom, 'participant' | 'close'>

/**
 * Creates a client for a participant of this process, as for MCP over stdio. It joins at the first call and retries at the
 * next one, so that a host may start before the server.
 */
export const localRoomClient = (
  room: RoomSource,
  clock: Clock = systemClock(),
  options: RoomToolsOptions = {},
): RoomClient => new LocalRoomClient(room, clock, options)

/** How long a call waits for a connection that is down, in milliseconds. Hosts give up a tool call after 60 s. */
const LIMIT_MS = 40_000
/** How long a check may take beyond its longest wait, in milliseconds. */
const CHECK_GRACE_MS = 2000

const ignore = () => {}

class LocalRoomClient implements RoomClient {
  readonly feed: RoomFeed
  readonly #room: RoomSource
  readonly #tools: ReturnType<typeof roomTools>
  #participant: Participant | undefined
  #draft: Draft | undefined
  #messages: readonly Message[] = []
  readonly #clock: Clock
  readonly #checkMaxMs: number

  constructor(room: RoomSource, clock: Clock, options: RoomToolsOptions) {
    this.feed = localFeed(() => room.participant())
    this.#room = room
    this.#clock = clock
    this.#checkMaxMs = options.checkMaxMs ?? CHECK_MAX_MS
    this.#tools = roomTools(room, { ...options, clock })
  }

  async call(tool: ToolName, args: unknown, signal: AbortSignal): Promise<ToolResult> {
    // Its own failure is that of the call.
    this.#room.participant().then(participant => this.#subscribe(participant), ignore)
    const ms = tool === 'check' ? this.#checkMaxMs + CHECK_GRACE_MS : LIMIT_MS
    const late = () => ({ text: failureText(notAnswered(tool, this.#participant)), failed: true as const })
    return answerInTime(signal, { ms, clock: this.#clock, late }, signal => this.#tools.call(tool, args, { signal }))
  }

  giveAgain(result: ToolResult): void {
    this.#tools.giveAgain(result)
  }

  async transcript(): Promise<readonly Message[]> {
    return this.#messages
  }

  close(): Promise<void> {
    return this.#room.close()
  }

  #subscribe(participant: Participant): void {
    if (this.#participant === participant) return
    this.#participant = participant
    this.#draft = participant.view.draft
    participant.events$.subscribe(event => this.#handle(event, participant.name))
  }

  #handle(event: EmittedEvent, name: string): void {
    switch (event.type) {
      case 'answered':
        return this.#remember(event.answer.messages)
      case 'pushed': {
        const { seq, message_id, timestamp } = event
        this.#remember([{ seq, message_id, timestamp, sender_id: name, content: textOf(this.#draft!) }])
        this.#draft = evolve(this.#draft!, event)
        return
      }
      case 'appended':
      case 'undone':
      case 'reset':
        this.#draft = evolve(this.#draft!, event)
    }
  }

  #remember(messages: readonly Message[]): void {
    if (messages.length > 0) this.#messages = [...this.#messages, ...messages].slice(-TRANSCRIPT_LIMIT)
  }
}

function notAnswered(tool: ToolName, participant: Participant | undefined): MidsentenceError {
  const link = participant?.view.link
  const why = link && 'reason' in link ? ` ${link.reason}` : ''
  const sentence =
    tool === 'push'
      ? `It is not certain yet whether your message was sent.${why} Your draft is kept. Check later, then preview shows whether it is still there.`
      : `An earlier push is not answered yet.${why} This ${tool} takes effect after it: do not repeat it. Check later.`
  return new MidsentenceError('unavailable', sentence, { data: { unknown: true } })
}
