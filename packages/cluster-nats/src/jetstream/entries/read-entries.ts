import { isMidsentenceError } from '@midsentence/core'
import type { JsMsg, StoredMsg } from '@nats-io/jetstream'
import { openEntry, type StreamEntry } from './entry.ts'
import { isFinal, noAnswer } from './errors.ts'
import { type StreamLink, tries } from './stream-link.ts'

/** More entries than this are read through a consumer, which JetStream has to create first. Fewer are read one by one. */
const ONE_BY_ONE = 128

/** Messages that a consumer asks for at a time. */
const CONSUME_MESSAGES = 500

/** A consumer that gives nothing for this long is replaced, in milliseconds. In a cluster its first request may be lost. */
const SILENCE_MS = 2000

/** A range of the entries of one subject. */
export interface EntryRange {
  readonly stream: string
  readonly subject: string
  /** Stream sequence at which the range begins. */
  readonly from: number
  /** Stream sequence of the last entry. It exists. */
  readonly until: number
  /** About how many entries there are. */
  readonly about: number
}

/** Returns the last entry of a subject, as the leader of the stream knows it. */
export const lastEntry = (link: StreamLink, stream: string, subject: string): Promise<StreamEntry | undefined> =>
  getEntry(link, stream, { last_by_subj: subject })

/** Returns the first entry of a subject at or after a stream sequence, as the leader of the stream knows it. */
export const nextEntry = (
  link: StreamLink,
  stream: string,
  subject: string,
  seq: number,
): Promise<StreamEntry | undefined> => getEntry(link, stream, { seq, next_by_subj: subject })

/** Returns the subjects of a stream that have messages and match `filter`. */
export async function subjectsIn(link: StreamLink, stream: string, filter: string): Promise<readonly string[]> {
  const again = tries(link)
  for (;;) {
    try {
      const { state } = await link.manager.streams.info(stream, { subjects_filter: filter })
      return Object.keys(state.subjects ?? {})
    } catch (error) {
      if (isFinal(error) || !(await again())) throw noAnswer(error)
    }
  }
}

/** Streams answer `getMessage` from their leader: they do not allow direct reads. */
async function getEntry(
  link: StreamLink,
  stream: string,
  query: { readonly last_by_subj: string } | { readonly seq: number; readonly next_by_subj: string },
): Promise<StreamEntry | undefined> {
  const again = tries(link)
  for (;;) {
    let found: StoredMsg | null
    try {
      found = await link.manager.streams.getMessage(stream, query)
    } catch (error) {
      if (!isFinal(error) && (await again())) continue
      throw noAnswer(error)
    }
    return found ? openEntry(found, Date.parse(found.timestamp)) : undefined
  }
}

/** Yields the entries of a range, oldest first, up to `until`. */
export async function* readEntries(link: StreamLink, range: EntryRange): AsyncGenerator<StreamEntry> {
  let { from } = range
  if (range.about <= ONE_BY_ONE) {
    while (from <= range.until) {
      const entry = await nextEntry(link, range.stream, range.subject, from)
      if (!entry) throw noAnswer(`message ${range.until} is not there yet`)
      yield entry
      from = entry.sequence + 1
    }
  } else yield* consumeEntries(link, range)
}

/** Reads through ordered consumers: a new one goes on where one fell silent. A replica that lags may serve them, and catches up. */
async function* consumeEntries(link: StreamLink, range: EntryRange): AsyncGenerator<StreamEntry> {
  let { from } = range
  let again = tries(link)
  let failure: unknown = 'a consumer fell silent'
  do {
    try {
      for await (const entry of consumeOnce(link, { ...range, from })) {
        yield entry
        from = entry.sequence + 1
        again = tries(link)
      }
    } catch (error) {
      if (isMidsentenceError(error)) throw error
      failure = error
    }
    if (from > range.until) return
  } while (await again())
  throw noAnswer(failure)
}

/** Yields entries until the end of the range, or until the consumer ends or falls silent. */
async function* consumeOnce(
  link: StreamLink,
  { stream, subject, from, until }: EntryRange,
): AsyncGenerator<StreamEntry> {
  const options = { filter_subjects: subject, opt_start_seq: from, inactive_threshold: 2 * SILENCE_MS }
  const consumer = await link.client.consumers.get(stream, options)
  const messages = await consumer.consume({ max_messages: CONSUME_MESSAGES })
  const iterator = messages[Symbol.asyncIterator]()
  try {
    for (;;) {
      const message = await nextMessage(link, iterator)
      if (!message) return
      yield openEntry(message, Number(message.timestampNanos / 1_000_000n))
      if (message.seq >= until) return
    }
  } finally {
    messages.stop()
    consumer.delete().catch(() => undefined)
  }
}

/** Resolves with the next message. Undefined: there is none, or it does not come in time. */
function nextMessage({ clock }: StreamLink, iterator: AsyncIterator<JsMsg>): Promise<JsMsg | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(SILENCE_MS, () => resolve(undefined))
    iterator
      .next()
      .finally(cancel)
      .then(({ done, value }) => resolve(done ? undefined : value), reject)
  })
}
