import type { MidsentenceError, PushAnswer, Seq, Verdict } from '@midsentence/core'
import type { HubSession, RoomListener, RoomSubscription } from '@midsentence/core/hub'
import type { Downward, Upward } from './frames.ts'

export interface ConnectionParts {
  readonly session: HubSession
  /** Everything later than this goes down the line. */
  readonly after: Seq
  send(frame: Downward): void
  /** The room ended it, for good. */
  lost(reason: string): void
}

/** The room's end of a line, from the moment it is up until it breaks: what comes up it goes to the hub, and back. */
export class Connection {
  readonly #session: HubSession
  readonly #send: ConnectionParts['send']
  readonly #listener: RoomListener
  #listening: RoomSubscription | undefined
  #closed = false

  constructor({ session, after, send, lost }: ConnectionParts) {
    this.#session = session
    this.#send = frame => {
      if (!this.#closed) send(frame)
    }
    this.#listener = {
      messages: batch => {
        for (const message of batch) this.#send({ type: 'inbound', item: { type: 'message', message } })
        return true
      },
      missed: (from, to) => this.#send({ type: 'inbound', item: { type: 'missed', from, to } }),
      presence: (sender_id, present) => this.#send({ type: 'inbound', item: { type: 'presence', sender_id, present } }),
      ended: lost,
    }
    this.#listen(after).catch(error => lost(error.message))
  }

  take(frame: Upward): void {
    switch (frame.type) {
      case 'publish':
        return void this.#publish(frame)
      case 'resume':
        // Where that cannot be, it goes on as it is.
        return void this.#listen(frame.after).catch(() => {})
      case 'yield':
        return void this.#session.yield()
      case 'show':
        return this.#session.showDraft(frame.facts, frame.rev)
    }
  }

  /** Nothing more goes down, what is still answered neither. */
  close(): void {
    this.#closed = true
    this.#listening?.close()
  }

  async #publish({ attempt, request }: Extract<Upward, { type: 'publish' }>): Promise<void> {
    try {
      this.#send({ type: 'verdict', attempt, verdict: verdictOf(await this.#session.publish(request)) })
    } catch (error) {
      this.#send({ type: 'refused', attempt, error: error as MidsentenceError })
    }
  }

  async #listen(after: Seq): Promise<void> {
    const listening = await this.#session.subscribe(this.#listener, after)
    if (this.#closed) return listening.close()
    this.#listening?.close()
    this.#listening = listening
    listening.resume()
  }
}

/** What a transport tells of an answer: where its cursor is, a participant knows by itself. */
function verdictOf(answer: PushAnswer): Verdict {
  const { messages } = answer
  if (answer.held) return { sent: false, messages, ...(answer.floor && { floor: answer.floor }) }
  const { message_id, timestamp, seq, durability, crossed, crossed_more } = answer
  const crossing = { ...(crossed && { crossed }), ...(crossed_more && { crossed_more }) }
  return { sent: true, message_id, timestamp, seq, durability, ...crossing }
}
