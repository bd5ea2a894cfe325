import { type Message, MidsentenceError, type Seq } from '@midsentence/core'
import type { CallOptions, CheckRequest, Hub, HubSession, RoomListener, RoomSubscription } from '@midsentence/core/hub'

interface HubReader {
  readonly listener: RoomListener
  cursor: Seq
  isReading: boolean
}

/** A scriptable hub for stream and call tests. Its one token is `ada`, in room `lobby`. */
export class StreamingHub {
  readonly log = 'log-1'
  readonly messages: Message[] = []
  readonly readers = new Set<HubReader>()
  /** Present participants, sent to each new reader. */
  present: string[] = []
  /** The last seq that retention removed. */
  forgotten: Seq = 0
  cursor: Seq = 0
  shown: Seq = Number.POSITIVE_INFINITY
  /** Awaited by `subscribe`. */
  gate: () => void | Promise<void> = () => {}
  /** The waiting checks, with their abort signals. */
  readonly checks: { readonly signal: AbortSignal | undefined; answer(): void }[] = []

  get hub(): Hub {
    return this as unknown as Hub
  }

  enter(token: string): HubSession {
    if (token !== 'ada') throw new MidsentenceError('session-unknown', 'This token is unknown here. Join again.')
    const joinResult = {
      session_id: 's',
      token,
      room: 'lobby',
      sender_id: 'Ada',
      log: this.log,
      cursor: 0,
      policy: 'hold',
    }
    return {
      joinResult,
      snapshotCursor: () => ({ cursor: this.cursor, shown: this.shown }),
      charge: () => {},
      subscribe: (listener: RoomListener, after?: Seq) => this.#subscribe(listener, after),
      who: () => ({ participants: this.present.map(sender_id => ({ sender_id })) }),
      check: (_: CheckRequest, { signal }: CallOptions) => this.#check(signal),
    } as unknown as HubSession
  }

  /** Makes `subscribe` wait until `release`. `asked` resolves when a caller waits. */
  hold(): { readonly asked: Promise<void>; release(): void } {
    let release = () => {}
    const released = new Promise<void>(resolve => {
      release = resolve
    })
    const asked = new Promise<void>(resolve => {
      this.gate = () => {
        resolve()
        return released
      }
    })
    return { asked, release }
  }

  /** Adds messages that become visible in one batch. */
  say(...contents: string[]): readonly Message[] {
    const batch = contents.map((content, index) => message(this.messages.length + index + 1, { content }))
    this.add(...batch)
    return batch
  }

  add(...batch: Message[]): void {
    const before = this.messages.length
    this.messages.push(...batch)
    for (const reader of this.readers) {
      if (!reader.isReading || reader.cursor !== before) continue
      reader.cursor = this.messages.length
      reader.isReading = reader.listener.messages(batch)
    }
  }

  changePresence(sender_id: string, present = true): void {
    for (const { listener } of this.readers) listener.presence(new Map([[sender_id, { present }]]))
  }

  end(): void {
    for (const reader of [...this.readers]) {
      this.readers.delete(reader)
      reader.listener.ended('The session is over.')
    }
  }

  async #subscribe(listener: RoomListener, after = this.cursor): Promise<RoomSubscription> {
    await this.gate()
    if (after > this.shown) throw new MidsentenceError('invalid-params', `Nothing was shown beyond ${this.shown}.`)
    const reader: HubReader = { listener, cursor: after, isReading: false }
    this.readers.add(reader)
    let started = false
    const resume = () => {
      if (!started) listener.presence(new Map([...this.present].map(name => [name, { present: true }])))
      started = true
      reader.isReading = true
      if (reader.cursor < this.forgotten) {
        listener.missed(reader.cursor + 1, this.forgotten)
        reader.cursor = this.forgotten
      }
      while (reader.isReading && this.readers.has(reader) && reader.cursor < this.messages.length) {
        const batch = this.messages.slice(reader.cursor, reader.cursor + 100)
        reader.cursor += batch.length
        reader.isReading = listener.messages(batch)
      }
    }
    return { cursor: after, resume, close: () => void this.readers.delete(reader) }
  }

  #check(signal: AbortSignal | undefined): Promise<unknown> {
    return new Promise(resolve => {
      const answer = () => resolve({ status: 0, messages: [], cursor: this.cursor })
      this.checks.push({ signal, answer })
      signal?.addEventListener('abort', answer)
    })
  }
}

export const message = (seq: Seq, fields: Partial<Message> = {}): Message => ({
  message_id: `m${seq}`,
  sender_id: 'Bob',
  content: `${seq}`,
  timestamp: '2026-01-01T00:00:00.000Z',
  seq,
  base: seq - 1,
  ...fields,
})
