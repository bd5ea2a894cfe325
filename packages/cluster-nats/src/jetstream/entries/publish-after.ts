import { JetStreamApiError } from '@nats-io/jetstream'
import type { MsgHdrs } from '@nats-io/transport-node'
import { isFinal, isRefusal, noAnswer, unknownOutcome } from './errors.ts'
import { nextEntry } from './read-entries.ts'
import { type StreamLink, tries } from './stream-link.ts'

/** How long one try waits for its acknowledgement, in milliseconds. */
const TRY_MS = 3000

export interface ExpectedPublish {
  readonly stream: string
  readonly subject: string
  readonly data: Uint8Array
  readonly headers: MsgHdrs
  /** JetStream stores one message of this id. */
  readonly id: string
  /** Stream sequence of the message that must be the last one of the subject. 0: there is none. */
  readonly expected: number
}

/**
 * Publishes a message directly after `expected`, under one id until JetStream answers. Resolves with its stream sequence, or
 * with undefined if another message is there. Rejects with `unavailable`, and with `data.unknown` if the message may be
 * stored.
 */
export async function publishAfter(link: StreamLink, publish: ExpectedPublish): Promise<number | undefined> {
  const { subject, data, headers, id, expected } = publish
  const again = tries(link)
  let unsure = false
  for (;;) {
    let failure: unknown
    try {
      const options = { msgID: id, expect: { lastSubjectSequence: expected }, headers, timeout: TRY_MS }
      return (await link.client.publish(subject, data, options)).seq
    } catch (error) {
      failure = error
    }
    if (isRefusal(failure)) {
      if (!unsure) return undefined
      const found = await findOwn(link, publish)
      if (found !== 'unknown') return found
    } else if (isFinal(failure)) {
      throw unsure ? unknownOutcome(failure) : noAnswer(failure)
    } else if (!(failure instanceof JetStreamApiError)) unsure = true
    if (!(await again())) throw unsure ? unknownOutcome(failure) : noAnswer(failure)
  }
}

/** Looks for a message that an earlier try may have stored. Undefined: another one is in its place. */
async function findOwn(link: StreamLink, publish: ExpectedPublish): Promise<number | undefined | 'unknown'> {
  const { stream, subject, id, expected } = publish
  const entry = await nextEntry(link, stream, subject, expected + 1).catch(() => undefined)
  if (!entry) return 'unknown'
  if (messageId(entry.head.group, entry.head.part[0]) === id) return entry.sequence
  return entry.head.floor > expected + 1 ? 'unknown' : undefined
}

/** Returns the message id of a part of a group. */
export const messageId = (group: string, part: number): string => `${group}.${part}`
