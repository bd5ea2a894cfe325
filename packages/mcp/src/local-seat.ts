import { roomTools, type ToolName, type ToolResult } from '@midsentence/agent/tools'
import type { AsyncChatRoom } from '@midsentence/client'
import { type Draft, type EmittedEvent, evolve, type Message, type Participant, textOf } from '@midsentence/core'
import { REMEMBERED, type Seat, Undelivered } from './seat.ts'
import { Turns } from './turns.ts'

/**
 * The seat of a participant of this process: of an MCP server that is started for one host, over stdio. It joins at the
 * first call, and again at the next one while that fails, so that a host may be started before the room is.
 */
export const localSeat = (room: AsyncChatRoom): Seat => new LocalSeat(room)

class LocalSeat implements Seat {
  readonly #room: AsyncChatRoom
  readonly #tools: ReturnType<typeof roomTools>
  readonly #undelivered = new Undelivered()
  #participant: Participant | undefined
  #draft: Draft | undefined
  #said: readonly Message[] = []
  readonly #turns = new Turns(10)

  constructor(room: AsyncChatRoom) {
    this.#room = room
    this.#tools = roomTools(room)
  }

  async call(tool: ToolName, args: unknown, signal: AbortSignal): Promise<ToolResult> {
    const turn = this.#turns.current()
    const joined = this.#room.participant().then(participant => this.#listen(participant))
    const result = this.#tools.call(tool, this.#undelivered.argsOf(tool, args), { turn, signal })
    await Promise.allSettled([joined, turn.over])
    const { data, ...rest } = await result
    return data ? this.#undelivered.deliver(tool, data, this.#participant!.name, signal) : rest
  }

  async transcript(): Promise<readonly Message[]> {
    return this.#said
  }

  close(): Promise<void> {
    return this.#room.close()
  }

  #listen(participant: Participant): void {
    if (this.#participant === participant) return
    this.#participant = participant
    this.#draft = participant.view.draft
    participant.events$.subscribe(event => this.#hear(event, participant.name))
  }

  #hear(event: EmittedEvent, name: string): void {
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
    if (messages.length > 0) this.#said = [...this.#said, ...messages].slice(-REMEMBERED)
  }
}
