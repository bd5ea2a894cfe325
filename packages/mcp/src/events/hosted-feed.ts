import { type Cancel, type Clock, MidsentenceError } from '@midsentence/core'
import type { ResumeResult } from '@midsentence/core/hub'
import { backoffDelay, defaultBackoff, readEvent, type ServerAddresses } from '@midsentence/core/rpc-client'
import { EventSource } from 'eventsource'
import type { LogPosition } from './log-position.ts'
import { RecentMessages } from './recent-messages.ts'
import type { RoomFeed, RoomReading } from './room-feed.ts'

export interface HostedFeedOptions {
  readonly addresses: ServerAddresses
  readonly token: string
  readonly clock: Clock
  /** Loads the session and its cursor of now. */
  resume(): Promise<Pick<ResumeResult, 'room' | 'sender_id' | 'cursor' | 'log'>>
}

/** How long a stream stays open without readers, in milliseconds: longer than clients wait between polls. */
const IDLE_MS = 60_000
/** How long the first reader waits for messages that are already there, in milliseconds. */
const OPENING_MS = 250

/** Reads the event stream of a hosted session's room. Holds one connection, and only while there are readers. */
export class HostedFeed implements RoomFeed {
  readonly #options: HostedFeedOptions
  #recent: RecentMessages | undefined
  #source: EventSource | undefined
  #readers = 0
  #failures = 0
  #cancelTimer: Cancel = () => {}

  constructor(options: HostedFeedOptions) {
    this.#options = options
  }

  async read(after?: LogPosition): Promise<RoomReading> {
    const { room, sender_id: name, cursor: seq, log } = await this.#options.resume()
    const cursor = { log, seq }
    const asked = after && after.log !== log ? 0 : (after?.seq ?? seq)
    const from = { log, seq: Math.min(asked, seq) }
    this.#readers++
    this.#cancelTimer()
    const isNew = this.#recent?.log !== log || from.seq < this.#recent.start
    if (!this.#recent) this.#recent = new RecentMessages(from)
    else if (isNew) this.#recent.restart(from)
    const recent = this.#recent
    if (isNew) this.#connect(room, recent)
    if (isNew) await recent.wait(from, OPENING_MS, this.#options.clock, new AbortController().signal)
    let isReleased = false
    const release = () => {
      if (!isReleased) this.#release()
      isReleased = true
    }
    return { room, name, cursor, recent, release }
  }

  #release(): void {
    this.#readers--
    if (this.#readers === 0) this.#cancelTimer = this.#options.clock.after(IDLE_MS, () => this.close())
  }

  /** Ends the stream. The next reader opens it again. */
  close(): void {
    this.#cancelTimer()
    this.#source?.close()
    this.#source = undefined
    this.#recent = undefined
  }

  #connect(room: string, recent: RecentMessages): void {
    const { addresses, token } = this.#options
    const { url } = addresses
    this.#source?.close()
    const address = `${url}/rooms/${encodeURIComponent(room)}/events?after=${recent.head}`
    let status: number | undefined
    const source = new EventSource(address, {
      fetch: async (target, init) => {
        const headers = { ...init.headers, authorization: `Bearer ${token}` }
        const response = await fetch(target, { ...init, headers, redirect: 'manual' })
        status = response.status
        return response
      },
    })
    this.#source = source
    for (const type of ['message', 'missed']) {
      source.addEventListener(type, ({ data }) => {
        if (source !== this.#source) return
        const event = readEvent(type, JSON.parse(data))
        if (event?.type === 'message') recent.add(event.message)
        else if (event?.type === 'missed') recent.miss(event.to)
        this.#failures = 0
      })
    }
    source.addEventListener('error', () => {
      if (source === this.#source) this.#lost(room, recent, url, status)
    })
  }

  #lost(room: string, recent: RecentMessages, url: string, status: number | undefined): void {
    this.#source?.close()
    this.#source = undefined
    // The session is over, or this token never had one.
    if (status === 401 || status === 403 || status === 404) {
      recent.end(new MidsentenceError('session-unknown', 'This session has ended.'))
      this.#recent = undefined
      return
    }
    this.#failures++
    const { addresses, clock } = this.#options
    addresses.next(url)
    clock.after(backoffDelay(this.#failures, defaultBackoff, Math.random), () => {
      if (this.#recent === recent && !this.#source) this.#connect(room, recent)
    })
  }
}
