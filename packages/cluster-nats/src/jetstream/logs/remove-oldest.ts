import type { Position, Retention } from '@midsentence/core'
import type { SubjectLog } from '../entries/subject-log.ts'
import { parsePosition } from './positions.ts'

/** What each room keeps of its messages. */
export type ClusterRetention = Pick<Retention, 'messages' | 'age_ms'>

/**
 * Removes the oldest groups of a room that `retention` does not keep and a snapshot at `covered` covers. The newest message
 * stays. Call it in `run`.
 */
export async function removeOldest(
  log: SubjectLog,
  covered: Position,
  { messages, age_ms }: ClusterRetention,
  now: number,
): Promise<void> {
  const { mark, records } = log.state
  const position = parsePosition(covered) ?? 0
  if (mark === 0 || (messages === undefined && age_ms === undefined)) return
  const candidates = [
    messages !== undefined && mark > messages ? await log.start('mark', mark - Math.max(messages, 1)) : 0,
    age_ms === undefined ? 0 : await log.startAt(now - age_ms),
  ]
  const limits = [await log.start('mark', mark - 1)]
  if (position < records) limits.push(await log.start('records', position))
  await log.removeBefore(Math.min(Math.max(...candidates), ...limits))
}
