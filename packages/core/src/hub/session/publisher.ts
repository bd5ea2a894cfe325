import { type Draft, emptyDraft, evolve, textOf } from '../../draft/evolve.ts'
import { suffixOf } from '../../draft/suffix.ts'
import { codePoints } from '../../draft/truncate.ts'
import { isMidsentenceError, MidsentenceError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Monitor } from '../../ports/monitor.ts'
import type { Policy } from '../../ports/policy.ts'
import type { Durability } from '../../ports/transport.ts'
import { hushRefusal } from '../../room/loop-guard.ts'
import type { Message, Seq } from '../../room/message.ts'
import type { SessionState } from '../../session/evolve.ts'
import { HOOK_MS_PER_POINT, type RateLimiter, takeRate } from '../access/rate-limit.ts'
import { metaError } from '../access/validate-meta.ts'
import { withDeadline } from '../access/with-deadline.ts'
import type { CallOptions, PublishMessageRequest, PushRequest } from '../requests.ts'
import { type LoopGuard, loopError } from '../room/loop-guard.ts'
import type { PublishOutcome, Room } from '../room/room.ts'
import type { CommittedCall, HostedCall } from './call-log.ts'

export interface PublisherDeps {
  readonly session_id: string
  name(): string
  readonly room: Room
  readonly loopGuard: LoopGuard
  readonly policy: Policy
  readonly clock: Clock
  readonly monitor: Monitor
  readonly rateLimiter: RateLimiter | undefined
  /** How long the content policy may take, in milliseconds. */
  readonly hookTimeoutMs: number
  isPerson(): boolean
  readonly durability: Durability
  /** Sends at once: no holds and no floor. For legacy clients. */
  readonly ignoresHolds: boolean
}

/** Has the messages of a session judged by its room, and commits what became of them. */
export class Publisher {
  readonly ignoresHolds: boolean
  /** Options of an unconditional send. Sends share a commit, unless each has to wait for the content policy in turn. */
  readonly unconditional: CallOptions
  readonly #deps: PublisherDeps
  #ended: MidsentenceError | undefined

  constructor(deps: PublisherDeps) {
    this.#deps = deps
    this.ignoresHolds = deps.ignoresHolds
    this.unconditional = { notification: true, concurrent: !deps.policy.content }
  }

  /** Sends the hosted draft. */
  push(call: HostedCall<unknown>, { draft, pushes }: SessionState, request: PushRequest): Promise<CommittedCall> {
    return this.#publish(call, textOf(draft), call.base, pushes + 1, request, draft)
  }

  /** Sends a message from a draft that is kept elsewhere. */
  publish(call: HostedCall<unknown>, request: PublishMessageRequest): Promise<CommittedCall> {
    const { draft } = this.#deps.room.limits
    const content = request.content.toWellFormed()
    if (codePoints(content) > draft) {
      throw new MidsentenceError(
        'invalid-params',
        `The content is too long: a message has at most ${draft} characters. Nothing was sent.`,
      )
    }
    return this.#publish(call, content, call.base, 0, request, undefined)
  }

  sendUnconditionally(call: HostedCall<unknown>, content: string, base: Seq): Promise<CommittedCall> {
    const { draft } = this.#deps.room.limits
    if (codePoints(content) > draft) {
      throw new MidsentenceError('invalid-params', `A message has at most ${draft} characters.`)
    }
    return this.#publish(call, content.toWellFormed(), base, 0, {}, undefined)
  }

  /** Sends nothing more: what waits for the content policy fails with `error`. */
  end(error: MidsentenceError): void {
    this.#ended ??= error
  }

  /**
   * Checks parameters, an empty draft, limits and the content policy, in this order; then the room judges. `draft` is the
   * hosted draft: without one, a held answer shows `content` instead.
   */
  async #publish(
    call: HostedCall<unknown>,
    content: string,
    base: Seq,
    push: number,
    { meta, timeout_ms }: PushRequest,
    draft: Draft | undefined,
  ): Promise<CommittedCall> {
    const why = meta && metaError(meta)
    if (why) throw new MidsentenceError('invalid-params', `The meta cannot be sent: ${why}. Nothing was sent.`)
    if (content === '') {
      throw new MidsentenceError('no-draft', 'There is nothing to send yet: append something first.')
    }
    this.#checkLimits(meta)
    const refusal = this.#deps.policy.content && (await this.#askPolicy(content))
    if (refusal) throw refusal
    if (this.#deps.policy.content) this.#checkHush()
    if (this.#ended) throw this.#ended
    const { mayWait } = call.options
    const outcome = await this.#judge(call, content, base, push, meta, mayWait === false ? 0 : timeout_ms)
    if (outcome.type === 'failed') throw outcome.error
    if (outcome.type === 'sent') {
      const { message, unseen } = outcome
      const { loopGuard, name, isPerson, clock, durability } = this.#deps
      loopGuard.record({ name: name(), isPerson: isPerson(), meta }, clock.monotonic())
      return call.commit({ result: receiptFor(message, durability), sent: { push, message, unseen } })
    }
    const { floor } = outcome
    const held = draft ?? evolve(emptyDraft, { type: 'appended', text: content, base })
    const result = { status: 0, held: true, suffix: suffixOf(held), segments: held.segments }
    return call.commit({ result: floor ? { ...result, floor } : result })
  }

  #judge(
    call: HostedCall<unknown>,
    content: string,
    base: Seq,
    push: number,
    meta: PushRequest['meta'],
    timeout_ms: number | undefined,
  ): Promise<PublishOutcome> {
    const { session_id, name, room } = this.#deps
    return new Promise(settle =>
      room.publish({
        session: session_id,
        name: name(),
        content,
        base,
        push,
        key: call.key ?? '',
        meta,
        timeout_ms,
        ignoresHolds: this.ignoresHolds,
        isNotification: call.options.notification === true && !this.ignoresHolds,
        call,
        settle,
      }),
    )
  }

  /** Checks rate and loop guard; for the participant with the floor, which keeps others waiting, only a hush. */
  #checkLimits(meta: PushRequest['meta']): void {
    this.#checkHush()
    const { room, loopGuard, session_id, name, isPerson, clock, monitor } = this.#deps
    if (room.state.floor?.session === session_id) return
    takeRate(this.#deps, clock, room)
    const now = clock.monotonic()
    const loop = loopGuard.refusal({ name: name(), isPerson: isPerson(), meta }, now)
    if (!loop) return
    monitor.refused('loop', room.name)
    throw loopError(loop)
  }

  #checkHush(): void {
    const { room, loopGuard, isPerson, monitor } = this.#deps
    if (!loopGuard.hushed || isPerson()) return
    monitor.refused('loop', room.name)
    throw loopError(hushRefusal)
  }

  /** Asks the content policy and charges its time: a slow hook is a cost like others. */
  async #askPolicy(content: string): Promise<MidsentenceError | undefined> {
    const { clock, rateLimiter } = this.#deps
    const began = clock.monotonic()
    const refusal = await this.#refusal(content)
    rateLimiter?.charge((clock.monotonic() - began) / HOOK_MS_PER_POINT)
    return refusal
  }

  async #refusal(content: string): Promise<MidsentenceError | undefined> {
    const { policy, name, room, clock, hookTimeoutMs, monitor } = this.#deps
    try {
      const verdict = await withDeadline(
        clock,
        hookTimeoutMs,
        policy.content!(content, name(), room.name),
        hookTimeoutError,
      )
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

const hookTimeoutError = () =>
  new MidsentenceError(
    'unavailable',
    'The content policy did not answer in time. Nothing was sent; your draft is kept. Push again.',
    { data: { retry_after_ms: 1000 } },
  )

type SentMessage = Pick<Message, 'message_id' | 'timestamp' | 'seq' | 'crossed' | 'crossed_more'>

/** Makes the result of a push that was sent. */
export function receiptFor(message: SentMessage, durability: Durability): Readonly<Record<string, unknown>> {
  const { message_id, timestamp, seq, crossed, crossed_more } = message
  const receipt: Record<string, unknown> = { status: 1, message_id, timestamp, seq, durability }
  if (crossed) receipt.crossed = crossed
  if (crossed_more) receipt.crossed_more = crossed_more
  return receipt
}
