import type { MidsentenceError, PushAnswer, Seq, Verdict } from '@midsentence/core'
import type { HubSession, PresenceChange, RoomListener, RoomSubscription } from '@midsentence/core/hub'
import type { ClientFrame, ServerFrame } from './frames.ts'

export interface HubConnectionDeps {
  readonly session: HubSession
  /** Messages above this seq are sent to the peer. */
  readonly after: Seq
  send(frame: ServerFrame): void
  /** Called when the hub ends the subscription for good. */
  onLost(reason: string): void
}

/** The room's end of a link, from connect to disconnect. Passes frames to the session and its answers back. */
export class HubConnection {
  readonly #session: HubSession
  readonly #send: HubConnectionDeps['send']
  readonly #listener: RoomListener
  #subscription: RoomSubscription | undefined
  #closed = false

  constructor({ session, after, send, onLost }: HubConnectionDeps) {
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
      presence: changes => this.#sendPresence(changes),
      writing: changes => this.#sendPresence(changes),
      hush: on => this.#send({ type: 'inbound', item: { type: 'hush', on } }),
      watchers: watchers => this.#send({ type: 'inbound', item: { type: 'watchers', watchers } }),
      ended: onLost,
    }
    this.#subscribe(after).catch(error => onLost(error.message))
  }

  receive(frame: ClientFrame): void {
    switch (frame.type) {
      case 'publish':
        return void this.#publish(frame)
      case 'resume':
        // A rejected cursor leaves the current subscription in place.
        return void this.#subscribe(frame.after).catch(() => {})
      case 'yield':
        return void this.#session.yield()
      case 'draft':
        return this.#session.showDraft(frame.facts, frame.rev)
      case 'writing':
        return this.#session.showWriting(frame.writing)
    }
  }

  /** Stops sending frames, answers of running calls included. */
  close(): void {
    this.#closed = true
    this.#subscription?.close()
  }

  #sendPresence(changes: ReadonlyMap<string, PresenceChange>): void {
    for (const [sender_id, change] of changes)
      this.#send({ type: 'inbound', item: { type: 'presence', sender_id, ...change } })
  }

  async #publish({ id, request }: Extract<ClientFrame, { type: 'publish' }>): Promise<void> {
    try {
      this.#send({ type: 'verdict', id, verdict: verdictOf(await this.#session.publish(request)) })
    } catch (error) {
      this.#send({ type: 'error', id, error: error as MidsentenceError })
    }
  }

  async #subscribe(after: Seq): Promise<void> {
    const subscription = await this.#session.subscribe(this.#listener, after)
    if (this.#closed) return subscription.close()
    this.#subscription?.close()
    this.#subscription = subscription
    subscription.resume()
  }
}

/** Converts a push answer to a transport's verdict, which has no cursor: a participant keeps its own. */
function verdictOf(answer: PushAnswer): Verdict {
  const { messages } = answer
  if (answer.held) return { sent: false, messages, ...(answer.floor && { floor: answer.floor }) }
  const { message_id, timestamp, seq, durability, crossed, crossed_more } = answer
  const crossing = { ...(crossed && { crossed }), ...(crossed_more && { crossed_more }) }
  return { sent: true, message_id, timestamp, seq, durability, ...crossing }
}
