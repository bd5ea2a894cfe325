import { type Draft, emptyDraft, evolve, textOf } from '../draft/evolve.ts'
import { suffixOf } from '../draft/suffix.ts'
import { codePoints } from '../draft/truncate.ts'
import { isMidsentenceError, MidsentenceError } from '../errors.ts'
import type { Policy } from '../ports/policy.ts'
import type { Durability } from '../ports/transport.ts'
import type { Message, Seq } from '../room/message.ts'
import type { Effect } from './book.ts'
import type { SessionState } from './evolve.ts'
import { whyNotMeta } from './meta.ts'
import type { Manner, PublishWholeRequest, PushRequest } from './requests.ts'
import type { Judgement, Room, Speech } from './room.ts'

export interface SpeakerParts {
  readonly session_id: string
  readonly name: string
  readonly room: Room
  readonly policy: Policy
  readonly durability: Durability
  /** Speaks out of turn: knows no hold and no floor. */
  readonly free: boolean
}

interface Said {
  readonly content: string
  readonly base: Seq
  readonly push: number
  readonly key: string | undefined
  readonly meta: Readonly<Record<string, unknown>> | undefined
  readonly timeout_ms: number | undefined
  /** The hosted draft; where it is kept elsewhere, a held answer shows the content instead. */
  readonly draft: Draft | undefined
}

/** Brings a session's messages before its room, and what comes of it back. */
export class Speaker {
  readonly free: boolean
  readonly #parts: SpeakerParts
  #ended: MidsentenceError | undefined

  constructor(parts: SpeakerParts) {
    this.#parts = parts
    this.free = parts.free
  }

  /** The hosted draft. */
  push({ draft, pushes }: SessionState, request: PushRequest, base: Seq, manner: Manner): Promise<Effect> {
    const { key, meta, timeout_ms } = request
    return this.#say({ content: textOf(draft), base, push: pushes + 1, key, meta, timeout_ms, draft }, manner)
  }

  /** A message from a draft that is kept elsewhere. */
  publish(request: PublishWholeRequest, base: Seq, manner: Manner): Promise<Effect> {
    const { key, meta, timeout_ms } = request
    const { limits } = this.#parts.room
    const content = request.content.toWellFormed()
    if (codePoints(content) > limits.draft) {
      throw new MidsentenceError(
        'invalid-params',
        `The content is too long: a message has at most ${limits.draft} characters. Nothing was sent.`,
      )
    }
    return this.#say({ content, base, push: 0, key, meta, timeout_ms, draft: undefined }, manner)
  }

  /** Out of turn. */
  speak(content: string, base: Seq): Promise<Effect> {
    const { limits } = this.#parts.room
    if (codePoints(content) > limits.draft) {
      throw new MidsentenceError('invalid-params', `A message has at most ${limits.draft} characters.`)
    }
    const nothing = { key: undefined, meta: undefined, timeout_ms: undefined, draft: undefined }
    return this.#say({ content: content.toWellFormed(), base, push: 0, ...nothing }, {})
  }

  /** From now on nothing more comes before the room. */
  end(error: MidsentenceError): void {
    this.#ended ??= error
  }

  /** Judged in this order: parameters, an empty draft, content policy; then the room waits and judges. */
  async #say(said: Said, { silent, waits }: Manner): Promise<Effect> {
    const { content, base, push, meta, key = '', draft } = said
    const why = meta && whyNotMeta(meta)
    if (why) throw new MidsentenceError('invalid-params', `The meta cannot be sent: ${why}. Nothing was sent.`)
    if (content === '') {
      throw new MidsentenceError('no-draft', 'There is nothing to send yet: append something first.')
    }
    const refusal = this.#parts.policy.content && (await this.#refusal(content))
    if (refusal) throw refusal
    if (this.#ended) throw this.#ended
    const { session_id: session, name } = this.#parts
    const timeout_ms = waits === false ? 0 : said.timeout_ms
    const judgement = await this.#judgement({
      session,
      name,
      content,
      base,
      push,
      key,
      meta,
      timeout_ms,
      free: this.free,
      uncounted: silent === true && !this.free,
    })
    if (judgement.type === 'failed') throw judgement.error
    if (judgement.type === 'sent') {
      const { message } = judgement
      return { result: receiptOf(message, this.#parts.durability), sent: { push, message } }
    }
    const { floor } = judgement
    const kept = draft ?? evolve(emptyDraft, { type: 'appended', text: content, base })
    const result = { status: 0, held: true, suffix: suffixOf(kept), segments: kept.segments }
    return { result: floor ? { ...result, floor } : result }
  }

  #judgement(speech: Omit<Speech, 'settle'>): Promise<Judgement> {
    return new Promise(settle => this.#parts.room.publish(Object.assign(speech, { settle })))
  }

  async #refusal(content: string): Promise<MidsentenceError | undefined> {
    const { policy, name, room } = this.#parts
    try {
      const verdict = await policy.content?.(content, name, room.name)
      if (!verdict || verdict.allowed) return undefined
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

/** What the author of a message is told, as a push's answer has it. */
export function receiptOf(message: Message, durability: Durability): Readonly<Record<string, unknown>> {
  const { message_id, timestamp, seq, crossed, crossed_more } = message
  const receipt: Record<string, unknown> = { status: 1, message_id, timestamp, seq, durability }
  if (crossed) receipt.crossed = crossed
  if (crossed_more) receipt.crossed_more = crossed_more
  return receipt
}
