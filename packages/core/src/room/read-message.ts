import type { Message } from './message.ts'

/**
 * Reads a message from external data and keeps only the members of `Message`. Returns undefined if a required member is
 * missing or has another type. An optional member of another type is dropped, since the message matters more.
 */
export function readMessage(value: unknown): Message | undefined {
  if (!isObject(value)) return undefined
  const { message_id, sender_id, content, timestamp, seq, base, crossed, crossed_more, meta, local_ids } = value
  if (typeof message_id !== 'string' || typeof sender_id !== 'string') return undefined
  if (typeof content !== 'string' || typeof timestamp !== 'string') return undefined
  if (!isCount(seq) || seq === 0) return undefined
  return {
    message_id,
    sender_id,
    content,
    timestamp,
    seq,
    ...(isCount(base) && { base }),
    ...(Array.isArray(crossed) && crossed.every(isCount) && { crossed }),
    ...(isCount(crossed_more) && { crossed_more }),
    ...(isObject(meta) && { meta }),
    ...(local_ids === true && { local_ids }),
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
