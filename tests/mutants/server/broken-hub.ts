import type { Clock } from '@midsentence/core'
import type { Hub, HubSession } from '@midsentence/core/hub'
import { override } from '@midsentence/testing/override'

/** A bug in a hub. Absent members are right. */
export interface HubBug {
  /** Members that replace those of a session. */
  readonly session?: (session: HubSession, context: BugContext) => Partial<HubSession>
  /** Members that replace those of the hub. */
  readonly hub?: (hub: Hub) => Partial<Hub>
}

/** Arguments of a session bug besides the session. */
export interface BugContext {
  readonly hub: Hub
  readonly clock: Clock | undefined
}

/** Returns `right` with a bug. */
export function brokenHub(right: Hub, bug: HubBug, clock?: Clock): Hub {
  const made = new WeakMap<HubSession, HubSession>()
  const broken = (session: HubSession): HubSession => {
    const known = made.get(session) ?? override(session, bug.session?.(session, { hub: right, clock }) ?? {})
    made.set(session, known)
    return known
  }
  return override<Hub>(right, {
    enter: token => broken(right.enter(token)),
    join: async request => broken(await right.join(request)),
    ...bug.hub?.(right),
  })
}
