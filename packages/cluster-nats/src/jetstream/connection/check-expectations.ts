import { randomUUID } from 'node:crypto'
import { MidsentenceError } from '@midsentence/core'
import { isRefusal } from '../entries/errors.ts'
import type { StreamLink } from '../entries/stream-link.ts'

/** Rounds of the check, and publishes under one expectation in each. */
const [ROUNDS, PUBLISHES] = [5, 8]

/**
 * Publishes several messages at once under one expectation, a few times. Throws `unavailable` if the stream accepts more
 * than one: then it cannot keep a second owner from writing.
 */
export async function checkExpectations(link: StreamLink, stream: string, prefix: string): Promise<void> {
  const subject = `${prefix}.check.${randomUUID()}`
  let expected = 0
  for (let round = 0; round < ROUNDS; round++) {
    const outcomes = await Promise.allSettled(
      Array.from({ length: PUBLISHES }, () =>
        link.client.publish(subject, new Uint8Array(), { expect: { lastSubjectSequence: expected } }),
      ),
    )
    const accepted = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value.seq] : []))
    if (accepted.length > 1) {
      throw new MidsentenceError(
        'unavailable',
        `nats-server accepted ${accepted.length} writers at once under one expectation.`,
        { remedy: 'install a newer nats-server' },
      )
    }
    const [failure] = outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason] : []))
    // Without an answer, this round shows nothing.
    if (accepted.length === 0 || !isRefusal(failure)) break
    expected = accepted[0]!
  }
  await link.manager.streams.purge(stream, { filter: subject }).catch(() => undefined)
}
