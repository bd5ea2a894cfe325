import { MidsentenceError } from '../errors.ts'
import type { Seq } from '../room/message.ts'
import type { JoinRequest } from './requests.ts'
import type { RoomMembers } from './room-members.ts'

/** Returns the seq up to which retention dropped messages, where it dropped some of the last ones that a join asks for. */
export async function droppedOf(
  { room: { access, window, reader } }: RoomMembers,
  { last = 0 }: JoinRequest,
): Promise<Seq> {
  if (last === 0 || !access.history) return 0
  const { missed } = await reader.read(Math.max(window.visible - last, 0), 1)
  return missed?.to ?? 0
}

/** Returns where a session begins to read, and the newest message at its join: up to there it holds nothing. */
export function startOfReading(
  { room: { name, access, window } }: RoomMembers,
  { since, last = 0 }: JoinRequest,
  dropped: Seq,
): { readonly cursor: Seq; readonly head: Seq } {
  const head = window.visible
  if (since !== undefined && last > 0) {
    throw new MidsentenceError('invalid-params', 'Join with since or with last, not with both.')
  }
  if (last > 0 && access.history) return { cursor: Math.max(head - last, dropped, 0), head }
  if (since === undefined || since === head) return { cursor: head, head }
  if (since > head) {
    throw new MidsentenceError('invalid-params', `The newest message is ${head}: join with a since up to that.`)
  }
  if (access.history) return { cursor: since, head }
  throw new MidsentenceError('room-unavailable', `The room ${name} does not show earlier messages: join without since.`)
}
