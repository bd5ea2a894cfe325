import { isMidsentenceError, type OpenRequest, type OpenResult, type SessionIdentity } from '@midsentence/core'
import type { Hub, HubSession } from '@midsentence/core/hub'

/** The session that one had, where the room still knows it. */
export function known(hub: Hub, { token }: SessionIdentity): HubSession | undefined {
  try {
    return hub.enter(token)
  } catch (error) {
    if (isMidsentenceError(error) && error.code === 'session-unknown') return undefined
    throw error
  }
}

/** How one who came in is welcomed: with a new session, or back in the one that `resume` names. */
export function welcomeTo(
  { joinResult }: HubSession,
  { secret }: OpenRequest,
  resume?: OpenRequest['resume'],
): OpenResult {
  const { session_id, token, room, sender_id, log, cursor, policy, observable } = joinResult
  return {
    session: { session_id, token, room, sender_id, log, ...(secret !== undefined && { secret }) },
    cursor: resume ? resume.after : cursor,
    policy,
    resumed: resume !== undefined,
    ...(observable && { observable }),
  }
}
