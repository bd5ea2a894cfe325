import { type Draft, emptyDraft, evolve, textOf } from '../../draft/evolve.ts'
import { suffixOf } from '../../draft/suffix.ts'
import { codePoints } from '../../draft/truncate.ts'
import { isMidsentenceError, MidsentenceError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Monitor } from '../../ports/monitor.ts'
import type { Policy } from '../../ports/policy.ts'
import type { Durability } from '../../ports/transport.ts'
import type { Message, Seq } from '../../room/message.ts'
import type { SessionState } from '../../session/evolve.ts'
import type { RateLimiter } from '../access/rate-limit.ts'
import { metaError } from '../access/validate-meta.ts'
import { withDeadline } from '../access/with-deadline.ts'
import type { CallOptions, PublishMessageRequest, PushRequest } from '../requests.ts'
import type { PendingPublish, PublishOutcome, Room } from '../room/room.ts'
import type { RoomMembers } from '../room-members.ts'
import type { Effect } from './call-log.ts'

export interface PublisherDeps {
  readonly session_id: string
  readonly name: string
  readonly room: Room
  readonly members: RoomMembers
  readonly policy: Policy
  readonly clock: Clock
  readonly monitor: Monitor
  readonly rateLimiter: RateLimiter | undefined
  /** So long, in milliseconds, may the content policy think. */
  readonly hooks_ms: number
  readonly person: boolean
  readonly durability: Durability
  /** Speaks out of turn: knows no hold and no floor. */
  readonly ignoresHolds: boolean
}

interface PublishInput {
  readonly content: string
  readonly base: Seq
  readonly push: number
  readonly key: string | undefined
  readonly meta: Readonly<Record<string, unknown>> | undefined
  readonly timeout_ms: number | undefined
  readFrom(): Seq | undefined
  /** The hosted draft; where it is kept elsewhere, a held answer shows the content instead. */
  readonly draft: Draft | undefined
}

/** What the author of a message knew when it called, and where what its answer gives begins. */
export interface PublishCursor {
  readonly base: Seq
  readFrom(): Seq | undefined
}

/** Brings a session's messages before its room, and what comes of it back. */
export class Publisher {
  readonly ignoresHolds: boolean
  readonly #deps: PublisherDeps
  #ended: MidsentenceError | undefined

  constructor(parts: PublisherDeps) {
    this.#deps = parts
    this.ignoresHolds = parts.ignoresHolds
  }

  /** The hosted draft. */
  push(
    { draft, pushes }: SessionState,
    request: PushRequest,
    knew: PublishCursor,
    manner: CallOptions,
  ): Promise<Effect> {
    const { key, meta, timeout_ms } = request
    return this.#publish({ content: textOf(draft), ...knew, push: pushes + 1, key, meta, timeout_ms, draft }, manner)
  }

  /** A message from a draft that is kept elsewhere. */
  publish(request: PublishMessageRequest, knew: PublishCursor, manner: CallOptions): Promise<Effect> {
    const { key, meta, timeout_ms } = request
    const { limits } = this.#deps.room
    const content = request.content.toWellFormed()
    if (codePoints(content) > limits.draft) {
      throw new MidsentenceError(
        'invalid-params',
        `The content is too long: a message has at most ${limits.draft} characters. Nothing was sent.`,
      )
    }
    return this.#publish({ content, ...knew, push: 0, key, meta, timeout_ms, draft: undefined }, manner)
  }

  /** Out of turn. */
  sendUnconditionally(content: string, base: Seq): Promise<Effect> {
    const { limits } = this.#deps.room
    if (codePoints(content) > limits.draft) {
      throw new MidsentenceError('invalid-params', `A message has at most ${limits.draft} characters.`)
    }
    const nothing = {
      key: undefined,
      meta: undefined,
      timeout_ms: undefined,
      draft: undefined,
      readFrom: () => undefined,
    }
    return this.#publish({ content: content.toWellFormed(), base, push: 0, ...nothing }, {})
  }

  /** From now on nothing more comes before the room. */
  end(error: MidsentenceError): void {
    this.#ended ??= error
  }

  /** Judged in this order: parameters, an empty draft, limits, content policy; then the room waits and judges. */
  async #publish(said: PublishInput, { notification, mayWait }: CallOptions): Promise<Effect> {
    const { content, base, push, meta, key = '', draft } = said
    const why = meta && metaError(meta)
    if (why) throw new MidsentenceError('invalid-params', `The meta cannot be sent: ${why}. Nothing was sent.`)
    if (content === '') {
      throw new MidsentenceError('no-draft', 'There is nothing to send yet: append something first.')
    }
    this.#checkLimits()
    const refusal = this.#deps.policy.content && (await this.#refusal(content))
    if (refusal) throw refusal
    if (this.#ended) throw this.#ended
    const { session_id: session, name } = this.#deps
    const timeout_ms = mayWait === false ? 0 : said.timeout_ms
    const judgement = await this.#outcome({
      session,
      name,
      content,
      base,
      push,
      key,
      meta,
      timeout_ms,
      ignoresHolds: this.ignoresHolds,
      isNotification: notification === true && !this.ignoresHolds,
      readFrom: said.readFrom,
    })
    if (judgement.type === 'failed') throw judgement.error
    if (judgement.type === 'sent') {
      const { message, ahead } = judgement
      const { members, name, person, clock } = this.#deps
      members.recordLoopMessage(name, person, clock.monotonic())
      return { result: receiptFor(message, this.#deps.durability), sent: { push, message, ahead } }
    }
    const { floor } = judgement
    const kept = draft ?? evolve(emptyDraft, { type: 'appended', text: content, base })
    const result = { status: 0, held: true, suffix: suffixOf(kept), segments: kept.segments }
    return { result: floor ? { ...result, floor } : result }
  }

  #outcome(speech: Omit<PendingPublish, 'settle'>): Promise<PublishOutcome> {
    return new Promise(settle => this.#deps.room.publish(Object.assign(speech, { settle })))
  }

  /** Rates and loops. Whoever has the floor keeps others waiting: it is let through. */
  #checkLimits(): void {
    const { room, members, session_id, name, person, clock, rateLimiter, monitor } = this.#deps
    if (room.state.floor?.session === session_id) return
    const now = clock.monotonic()
    const wait = rateLimiter?.take(now) ?? 0
    if (wait > 0) {
      monitor.refused('rate', room.name)
      throw rateLimitedError(wait)
    }
    const loop = person ? undefined : members.loopRefusal(name, now)
    if (!loop) return
    monitor.refused('loop', room.name)
    throw new MidsentenceError('rate-limited', loopError[loop.reason](Math.ceil(loop.wait_ms / 1000)), {
      data: { retry_after_ms: loop.wait_ms },
    })
  }

  async #refusal(content: string): Promise<MidsentenceError | undefined> {
    const { policy, name, room, clock, hooks_ms, monitor } = this.#deps
    try {
      const verdict = await withDeadline(clock, hooks_ms, policy.content!(content, name, room.name), hookTimeoutError)
      if (verdict.allowed) return undefined
      monitor.refused('content', room.name)
      const { reason } = verdict
      return new MidsentenceError('content-policy', `This may not be said here: ${reason}. Your draft is kept.`, {
        data: { reason },
      })
    } catch (cause) {
      return isMidsentenceError(cause)
        ? cause
        : new MidsentenceError('internal', 'The content policy failed. Nothing was sent; your draft is kept.', {
            cause,
          })
    }
  }
}

/** More calls than a session may make. Nothing was done, and the same call may be made again. */
export const rateLimitedError = (retry_after_ms: number): MidsentenceError =>
  new MidsentenceError(
    'rate-limited',
    `These are more calls than one may make: wait ${retry_after_ms} ms, then go on. Nothing was done, your draft is kept.`,
    { data: { retry_after_ms } },
  )

const loopError = {
  laps: (seconds: number) =>
    `This room has gone round for long without a person, and rests. Your draft is kept. Push again in ${seconds} seconds, or once a person spoke.`,
  share: (seconds: number) =>
    `You have said more than your share here of late. Your draft is kept. Push again once others spoke, or in ${seconds} seconds.`,
}

const hookTimeoutError = () =>
  new MidsentenceError(
    'unavailable',
    'The content policy did not answer in time. Nothing was sent; your draft is kept. Push again.',
    { data: { retry_after_ms: 1000 } },
  )

/** What the author of a message is told, as a push's answer has it. */
export function receiptFor(message: Message, durability: Durability): Readonly<Record<string, unknown>> {
  const { message_id, timestamp, seq, crossed, crossed_more } = message
  const receipt: Record<string, unknown> = { status: 1, message_id, timestamp, seq, durability }
  if (crossed) receipt.crossed = crossed
  if (crossed_more) receipt.crossed_more = crossed_more
  return receipt
}
