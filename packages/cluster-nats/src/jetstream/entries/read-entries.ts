import type { JsMsg, StoredMsg } from '@nats-io/jetstream'
import { type Entry, openEntry } from './entry.ts'
import { isFinal, noAnswer } from './errors.ts'
import { type StreamLink, tries } from './stream-link.ts'

/** More entries than this are read through a consumer, fewer one by one. */
const ONE_BY_ONE = 24

/** Messages that a consumer asks for at a time. */
const CONSUME_MESSAGES = 256

/** A consumer that gives nothing for this long is given up, in milliseconds. */
const SILENCE_MS = 20_000

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
export const lastEntry = (link: StreamLink, stream: string, subject: string): Promise<Entry | undefined> =>
  getEntry(link, stream, { last_by_subj: subject })

/** Returns the first entry of a subject at or after a stream sequence, as the leader of the stream knows it. */
export const nextEntry = (link: StreamLink, stream: string, subject: string, seq: number): Promise<Entry | undefined> =>
  getEntry(link, stream, { seq, next_by_subj: subject })

/** Streams answer `getMessage` from their leader: they do not allow direct reads. */
async function getEntry(
  link: StreamLink,
  stream: string,
  query: { readonly last_by_subj: string } | { readonly seq: number; readonly next_by_subj: string },
): Promise<Entry | undefined> {
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
export async function* readEntries(link: StreamLink, range: EntryRange): AsyncGenerator<Entry> {
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

/** Reads through an ordered consumer. It may be served by a replica that lags, which catches up. */
async function* consumeEntries(link: StreamLink, range: EntryRange): AsyncGenerator<Entry> {
  const { stream, subject, from, until } = range
  const consumer = await link.client.consumers
    .get(stream, { filter_subjects: subject, opt_start_seq: from, inactive_threshold: SILENCE_MS })
    .catch(error => {
      throw noAnswer(error)
    })
  const messages = await consumer.consume({ max_messages: CONSUME_MESSAGES })
  const iterator = messages[Symbol.asyncIterator]()
  try {
    for (;;) {
      const message = await nextMessage(link, iterator)
      yield openEntry(message, Number(message.timestampNanos / 1_000_000n))
      if (message.seq >= until) return
    }
  } finally {
    messages.stop()
    consumer.delete().catch(() => undefined)
  }
}

async function nextMessage(link: StreamLink, iterator: AsyncIterator<JsMsg>): Promise<JsMsg> {
  const { promise, cancel } = silence(link)
  try {
    const next = await Promise.race([iterator.next(), promise])
    if (next && !next.done) return next.value
  } catch (error) {
    throw noAnswer(error)
  } finally {
    cancel()
  }
  throw noAnswer('a consumer ended early')
}

function silence({ clock }: StreamLink): { readonly promise: Promise<undefined>; cancel(): void } {
  let cancel = () => {}
  const promise = new Promise<undefined>(resolve => {
    cancel = clock.after(SILENCE_MS, () => resolve(undefined))
  })
  return { promise, cancel: () => cancel() }
}
