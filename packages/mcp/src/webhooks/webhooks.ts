import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { type Clock, systemClock } from '@midsentence/core'
import { ProtocolError } from '@modelcontextprotocol/server'
import { formatCursor } from '../events/log-position.ts'
import { eventErrors, MESSAGE_EVENT, type MessageFilter, type WebhookDelivery } from '../events/message-event.ts'
import type { RoomReading } from '../events/room-feed.ts'
import type { SubscriptionStart } from '../events/subscription-start.ts'
import {
  CallbackError,
  type CallbackFailure,
  type CallbackOptions,
  failureOfStatus,
  postCallback,
  readCallbackUrl,
} from './post-callback.ts'
import { controlId, readSecret, webhookHeaders } from './webhook-message.ts'
import { type DeliveryStatus, WebhookSubscription } from './webhook-subscription.ts'

/** Webhook subscriptions of one session, and of all. */
export const MAX_OF_PRINCIPAL = 10
export const MAX_SUBSCRIPTIONS = 1000
/** The shortest and the longest life of a subscription without a refresh, in milliseconds. */
const MIN_TTL_MS = 60_000
const MAX_TTL_MS = 3_600_000
/** How long the answer to a failed verification is held back, in milliseconds: a session may aim at somebody else. */
const FAILED_VERIFICATION_MS = 1000

export interface WebhooksOptions extends CallbackOptions {
  readonly clock?: Clock
}

/** Input of `events/subscribe`. */
export interface SubscribeRequest {
  readonly filter: MessageFilter
  readonly delivery: WebhookDelivery
  readonly ttlMs: number | undefined
  /** Opens the room. Called for a new subscription. */
  open(): Promise<{ readonly reading: RoomReading; readonly start: SubscriptionStart }>
}

/** Result of `events/subscribe`. */
export type SubscribeResult = {
  readonly id: string
  readonly refreshBefore: string
  readonly cursor: string
  readonly truncated: boolean
  readonly deliveryStatus?: DeliveryStatus
}

interface Entry {
  readonly principal: string
  readonly url: string
  readonly subscription: WebhookSubscription
}

/** The webhook subscriptions of an endpoint. They live in memory: clients refresh them after a restart. */
export class Webhooks {
  readonly #subscriptions = new Map<string, Entry>()
  /** Principals whose callback is being verified. */
  readonly #verifying = new Set<string>()
  readonly #callback: CallbackOptions
  readonly #clock: Clock

  constructor({ clock = systemClock(), ...callback }: WebhooksOptions = {}) {
    this.#clock = clock
    this.#callback = callback
  }

  get size(): number {
    return this.#subscriptions.size
  }

  /** Creates or refreshes the subscription of a principal. Rejects with a `ProtocolError`. */
  async subscribe(principal: string, request: SubscribeRequest): Promise<SubscribeResult> {
    const { filter, delivery, ttlMs } = request
    if (delivery.mode !== undefined && delivery.mode !== 'webhook')
      throw new ProtocolError(eventErrors.unsupported, 'delivery.mode is webhook. Use events/poll or events/stream.', {
        feature: 'deliveryMode',
        value: String(delivery.mode),
      })
    const url = readCallbackUrl(delivery.url, this.#callback)
    const secret = readSecret(delivery.secret)
    const ttl = Math.min(Math.max(ttlMs ?? MAX_TTL_MS, MIN_TTL_MS), MAX_TTL_MS)
    const id = subscriptionId(principal, url, filter)
    const known = this.#subscriptions.get(id)?.subscription
    if (known) {
      const { status } = known
      return { id, refreshBefore: known.refresh(secret, ttl), ...positionOf(known), deliveryStatus: status }
    }
    this.#checkRoomFor(principal)
    if (!this.#isVerified(principal, url)) await this.#verify(principal, id, url, secret)
    const { reading, start } = await request.open()
    const raced = this.#subscriptions.get(id)?.subscription
    try {
      if (!raced) this.#checkRoomFor(principal)
    } catch (error) {
      reading.release()
      throw error
    }
    if (raced) {
      reading.release()
      return { id, refreshBefore: raced.refresh(secret, ttl), ...positionOf(raced) }
    }
    const subscription = new WebhookSubscription({
      ...{ id, url, secret, filter, reading, after: start.after, callback: this.#callback, clock: this.#clock },
      onEnd: () => this.#subscriptions.delete(id),
    })
    this.#subscriptions.set(id, { principal, url: url.href, subscription })
    return {
      id,
      refreshBefore: subscription.refresh(secret, ttl),
      ...positionOf(subscription),
      truncated: start.truncated,
    }
  }

  /** Ends the subscription of a principal. Throws a `ProtocolError` if there is none. */
  unsubscribe(principal: string, filter: MessageFilter, { url }: WebhookDelivery): void {
    const id = subscriptionId(principal, readCallbackUrl(url, this.#callback), filter)
    const known = this.#subscriptions.get(id)
    if (!known)
      throw new ProtocolError(eventErrors.notFound, 'There is no such subscription.', { kind: 'subscription' })
    known.subscription.close()
    this.#subscriptions.delete(id)
  }

  close(): void {
    for (const { subscription } of this.#subscriptions.values()) subscription.close()
    this.#subscriptions.clear()
  }

  #checkRoomFor(principal: string): void {
    const own = [...this.#subscriptions.values()].filter(each => each.principal === principal).length
    if (own < MAX_OF_PRINCIPAL && this.size < MAX_SUBSCRIPTIONS) return
    const max = own < MAX_OF_PRINCIPAL ? MAX_SUBSCRIPTIONS : MAX_OF_PRINCIPAL
    const sentence = `There are ${max} subscriptions already. Unsubscribe one, or wait until one expires.`
    throw new ProtocolError(eventErrors.exhausted, sentence, { limit: 'subscriptions', max })
  }

  /** Whether the endpoint has agreed to receive messages for this principal. */
  #isVerified(principal: string, { href }: URL): boolean {
    return [...this.#subscriptions.values()].some(each => each.principal === principal && each.url === href)
  }

  /** Asks the endpoint whether it wants the messages: it has to echo a challenge. */
  async #verify(principal: string, id: string, url: URL, secret: string): Promise<void> {
    if (this.#verifying.has(principal))
      throw new ProtocolError(
        eventErrors.exhausted,
        'Another callback of yours is being verified. Wait for its answer.',
        {
          limit: 'verifications',
          max: 1,
        },
      )
    this.#verifying.add(principal)
    try {
      const reason = await this.#challenge(id, url, secret)
      if (!reason) return
      await new Promise<void>(resolve => this.#clock.after(FAILED_VERIFICATION_MS, resolve))
      throw new ProtocolError(
        eventErrors.callback,
        'The callback endpoint did not confirm that it wants these events.',
        {
          reason,
        },
      )
    } finally {
      this.#verifying.delete(principal)
    }
  }

  async #challenge(id: string, url: URL, secret: string): Promise<CallbackFailure | undefined> {
    const challenge = randomBytes(24).toString('base64url')
    const body = JSON.stringify({ type: 'verification', challenge })
    const headers = webhookHeaders(id, controlId('verification'), body, [secret])
    try {
      const { status, body: answer } = await postCallback(url, headers, body, this.#callback)
      return failureOfStatus(status) ?? (isEcho(answer, challenge) ? undefined : 'challenge_failed')
    } catch (error) {
      return error instanceof CallbackError ? error.reason : 'connection_refused'
    }
  }
}

const positionOf = ({ cursor }: WebhookSubscription) => ({ cursor: formatCursor(cursor), truncated: false })

/** Whether an answer is JSON whose `challenge` is the one that was sent. */
function isEcho(answer: string, challenge: string): boolean {
  try {
    const echo = Buffer.from(String(JSON.parse(answer)?.challenge))
    const sent = Buffer.from(challenge)
    return echo.length === sent.length && timingSafeEqual(echo, sent)
  } catch {
    return false
  }
}

/** The same for the same principal, URL and arguments. It routes deliveries and opens nothing. */
function subscriptionId(principal: string, { href }: URL, { room, only_mentions, only_people }: MessageFilter): string {
  const key = JSON.stringify([principal, href, MESSAGE_EVENT, room ?? null, only_mentions, only_people])
  return `sub_${createHash('sha256').update(key).digest('hex').slice(0, 24)}`
}
