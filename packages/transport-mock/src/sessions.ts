import { isMidsentenceError, type OpenRequest, type OpenResult, type SessionIdentity } from '@midsentence/core'
import type { Hub, HubSession } from '@midsentence/core/hub'

/** Finds the session of a token. Undefined if the hub does not know it any more. */
export function findSession(hub: Hub, { token }: SessionIdentity): HubSession | undefined {
  try {
    const session = hub.enter(token)
    return session.ended ? undefined : session
  } catch (error) {
    if (isMidsentenceError(error) && error.code === 'session-unknown') return undefined
    throw error
  }
}

/** Builds the result of `open` for a new session, or for the one that `resume` names. */
export function openResultOf(
  { joinResult }: HubSession,
  { secret }: OpenRequest,
  resume?: OpenRequest['resume'],
): OpenResult {
  const { session_id, token, room, sender_id, log, cursor, head, policy, observable, recorded } = joinResult
  return {
    session: { session_id, token, room, sender_id, log, ...(secret !== undefined && { secret }) },
    cursor: resume ? resume.after : cursor,
    ...(head !== undefined && !resume && { head }),
    policy,
    resumed: resume !== undefined,
    ...(observable && { observable }),
    ...(recorded && { recorded }),
  }
}
