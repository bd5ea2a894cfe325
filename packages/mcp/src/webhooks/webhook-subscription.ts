import { type Cancel, type Clock, type Message, systemClock } from '@midsentence/core'
import { backoffDelay } from '@midsentence/core/rpc-client'
import { formatCursor, type LogPosition } from '../events/log-position.ts'
import { eventErrors, type MessageFilter, toEvent, wants } from '../events/message-event.ts'
import type { RoomReading } from '../events/room-feed.ts'
import {
  CallbackError,
  type CallbackFailure,
  type CallbackOptions,
  failureOfStatus,
  postCallback,
} from './post-callback.ts'
import { controlId, webhookHeaders } from './webhook-message.ts'

/** Attempts to deliver an event before delivery is suspended until the client refreshes. */
export const MAX_ATTEMPTS = 8
/** Waits between the attempts, in milliseconds: about 4 minutes together. */
const BACKOFF = { minMs: 1000, maxMs: 120_000 }
/** How long an old secret still signs, in milliseconds. */
const SECRET_GRACE_MS = 60_000
/** Longest wait for messages before time is looked at again, in milliseconds. */
const WAIT_MS = 3_600_000

export interface WebhookSubscriptionOptions {
  readonly id: string
  readonly url: URL
  readonly secret: string
  readonly filter: MessageFilter
  readonly reading: RoomReading
  readonly after: LogPosition
  readonly callback: CallbackOptions
  readonly clock?: Clock
  /** Multiplies the waits between attempts. Default `Math.random`. */
  readonly random?: () => number
  /** Called when it ended by itself. */
  onEnd(): void
}

export interface DeliveryStatus {
  readonly active: boolean
  readonly lastDeliveryAt: string | null
  readonly lastError: CallbackFailure | null
  readonly failedSince?: string
}

/** Delivers the messages of a room to one callback: one after the other, each until it is accepted. */
export class WebhookSubscription {
  readonly #options: WebhookSubscriptionOptions
  readonly #clock: Clock
  readonly #controller = new AbortController()
  #secret: string
  #oldSecret: string | undefined
  #acknowledged: LogPosition
  #suspended: (() => void) | undefined
  #lastDeliveryAt: string | null = null
  #lastError: CallbackFailure | null = null
  #failedSince: string | undefined
  #cancelExpiry: Cancel = () => {}
  #cancelGrace: Cancel = () => {}

  constructor(options: WebhookSubscriptionOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock()
    this.#secret = options.secret
    this.#acknowledged = options.after
    void this.#run()
  }

  /** Every message up to here was accepted, or is not wanted. */
  get cursor(): LogPosition {
    return this.#acknowledged
  }

  get status(): DeliveryStatus {
    return {
      active: this.#suspended === undefined,
      lastDeliveryAt: this.#lastDeliveryAt,
      lastError: this.#lastError,
      ...(this.#failedSince !== undefined && { failedSince: this.#failedSince }),
    }
  }

  /** Resumes delivery, and expires after `ttlMs`. Returns the time of expiry. */
  refresh(secret: string, ttlMs: number): string {
    if (secret !== this.#secret) {
      this.#oldSecret = this.#secret
      this.#secret = secret
      this.#cancelGrace()
      this.#cancelGrace = this.#clock.after(SECRET_GRACE_MS, () => {
        this.#oldSecret = undefined
      })
    }
    this.#cancelExpiry()
    this.#cancelExpiry = this.#clock.after(ttlMs, () => this.#end())
    this.#suspended?.()
    return new Date(this.#clock.now() + ttlMs).toISOString()
  }

  /** Ends delivery at once. Idempotent. */
  close(): void {
    this.#controller.abort()
    this.#cancelExpiry()
    this.#cancelGrace()
    this.#suspended?.()
    this.#options.reading.release()
  }

  #end(): void {
    this.close()
    this.#options.onEnd()
  }

  async #run(): Promise<void> {
    const { signal } = this.#controller
    const { reading, filter } = this.#options
    const { recent, name } = reading
    while (!signal.aborted) {
      const { messages, from, truncated } = recent.after(this.#acknowledged, 100)
      this.#acknowledged = from
      if (truncated) await this.#control({ type: 'gap', cursor: formatCursor(from) })
      for (const message of messages) {
        const position = { ...from, seq: message.seq }
        if (wants(filter, message, name)) await this.#deliver(message, position)
        if (signal.aborted) return
        this.#acknowledged = position
      }
      if (messages.length > 0) continue
      if (recent.ended) {
        const error = { code: eventErrors.forbidden, message: recent.ended.message }
        await this.#control({ type: 'terminated', error })
        return this.#end()
      }
      await recent.wait(this.#acknowledged, WAIT_MS, this.#clock, signal)
    }
  }

  #control(envelope: { readonly type: string; readonly [field: string]: unknown }): Promise<boolean> {
    return this.#post(controlId(envelope.type), JSON.stringify(envelope))
  }

  /** Delivers `message`. Suspends itself after the last attempt, and goes on with the same message after a refresh. */
  async #deliver(message: Message, position: LogPosition): Promise<void> {
    const { signal } = this.#controller
    const body = JSON.stringify(toEvent(message, this.#options.reading.room, position))
    for (let failures = 1; !(await this.#post(message.message_id, body)); failures++) {
      if (signal.aborted) return
      if (failures >= MAX_ATTEMPTS) {
        failures = 0
        await this.#suspend()
      } else await this.#pause(backoffDelay(failures, BACKOFF, this.#options.random ?? Math.random))
      if (signal.aborted) return
    }
  }

  #suspend(): Promise<void> {
    return new Promise(resolve => {
      this.#suspended = () => {
        this.#suspended = undefined
        resolve()
      }
    })
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#controller
    return new Promise(resolve => {
      const settle = () => {
        cancel()
        signal.removeEventListener('abort', settle)
        resolve()
      }
      const cancel = this.#clock.after(ms, settle)
      signal.addEventListener('abort', settle, { once: true })
    })
  }

  /** Makes one attempt. Resolves with true if nothing is left to do for this body. */
  async #post(id: string, body: string): Promise<boolean> {
    const { url, callback, id: subscription } = this.#options
    const { signal } = this.#controller
    const secrets = [this.#secret, ...(this.#oldSecret === undefined ? [] : [this.#oldSecret])]
    const headers = webhookHeaders(subscription, id, body, secrets)
    try {
      const { status } = await postCallback(url, headers, body, { ...callback, signal })
      const failure = failureOfStatus(status)
      this.#note(failure)
      // Not wanted, or too large: that is final for this event alone.
      return failure === undefined || status === 410 || status === 413
    } catch (error) {
      this.#note(error instanceof CallbackError ? error.reason : 'connection_refused')
      return false
    }
  }

  #note(failure: CallbackFailure | undefined): void {
    const now = new Date(this.#clock.now()).toISOString()
    this.#lastError = failure ?? null
    if (failure) this.#failedSince ??= now
    else {
      this.#lastDeliveryAt = now
      this.#failedSince = undefined
    }
  }
}
