import { type AdmissionDeps, admitted } from '../access/admission.ts'
import { assertRoomName } from '../access/names.ts'
import { roomUnavailable } from '../hub-errors.ts'
import type { ScoreListener, ScoreSubscription, WatchRequest } from '../requests.ts'
import { accessOf } from '../room/room.ts'
import type { RoomRegistry } from '../room-registry.ts'

export interface WatchDeps extends AdmissionDeps {
  readonly rooms: RoomRegistry
  readonly admin: { assertOpen(room: string): void }
}

/** Admits a watcher as a join would be, and begins its watch. Rejects as `Hub.watch` does. */
export async function watchScore(
  { rooms, admin, ...admission }: WatchDeps,
  request: WatchRequest,
  listener: ScoreListener,
): Promise<ScoreSubscription> {
  const { room, from } = request
  assertRoomName(room)
  const { open, recorded } = accessOf(admission.policy, room)
  if (!open || !recorded) throw roomUnavailable(room)
  const { until } = await admitted(admission, request, { room, username: '', watching: true })
  admin.assertOpen(room)
  const members = await rooms.open(room)
  members.joining++
  try {
    if (!members.score) throw roomUnavailable(room)
    return await members.score.watch(listener, from, until)
  } finally {
    members.joining--
  }
}
