import { type Hello, isMidsentenceError, type Session, type Welcome } from '@midsentence/core'
import type { Hub, HubSession } from '@midsentence/core/hub'

/** The session that one had, where the room still knows it. */
export function known(hub: Hub, { token }: Session): HubSession | undefined {
  try {
    return hub.enter(token)
  } catch (error) {
    if (isMidsentenceError(error) && error.code === 'session-unknown') return undefined
    throw error
  }
}

/** How one who came in is welcomed: with a new session, or back in the one that `resume` names. */
export function welcomeTo({ entrance }: HubSession, { secret }: Hello, resume?: Hello['resume']): Welcome {
  const { session_id, token, room, sender_id, log, cursor, policy, observable } = entrance
  return {
    session: { session_id, token, room, sender_id, log, ...(secret !== undefined && { secret }) },
    cursor: resume ? resume.after : cursor,
    policy,
    resumed: resume !== undefined,
    ...(observable && { observable }),
  }
}
