import { roomTools, type ToolName, type ToolResult } from '@midsentence/agent/tools'
import type { AsyncChatRoom } from '@midsentence/client'
import { type Draft, type EmittedEvent, evolve, type Message, type Participant, textOf } from '@midsentence/core'
import { type RoomClient, TRANSCRIPT_LIMIT, UndeliveredMessages } from './room-client.ts'
import { TurnDetector } from './turn-detector.ts'

/**
 * Creates a client for a participant of this process, as for MCP over stdio. It joins at the first call and retries at the
 * next one, so that a host may start before the server.
 */
export const localRoomClient = (room: AsyncChatRoom): RoomClient => new LocalRoomClient(room)

class LocalRoomClient implements RoomClient {
  readonly #room: AsyncChatRoom
  readonly #tools: ReturnType<typeof roomTools>
  readonly #undelivered = new UndeliveredMessages()
  #participant: Participant | undefined
  #draft: Draft | undefined
  #messages: readonly Message[] = []
  readonly #turns = new TurnDetector(10)

  constructor(room: AsyncChatRoom) {
    this.#room = room
    this.#tools = roomTools(room)
  }

  async call(tool: ToolName, args: unknown, signal: AbortSignal): Promise<ToolResult> {
    const turn = this.#turns.current()
    const joined = this.#room.participant().then(participant => this.#subscribe(participant))
    const result = this.#tools.call(tool, this.#undelivered.argsOf(tool, args), { turn, signal })
    await Promise.allSettled([joined, turn.ended])
    const { data, ...rest } = await result
    return data ? this.#undelivered.deliver(tool, data, this.#participant!.name, signal) : rest
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
