import type { Clock } from '@midsentence/core'
import type { Hub, HubSession } from '@midsentence/core/hub'

/** What is wrong with a hub; what is left out is right. */
export interface HubBug {
  /** Stands in place of a session's own members. */
  readonly session?: (session: HubSession, surroundings: Surroundings) => Partial<HubSession>
  /** Stands in place of the hub's own members. */
  readonly hub?: (hub: Hub) => Partial<Hub>
}

/** What a bug in a session may look at besides it. */
export interface Surroundings {
  readonly hub: Hub
  readonly clock: Clock | undefined
}

/** What `right` is, but for some of its members. */
export const overlaid = <T extends object>(right: T, members: Partial<T>): T =>
  new Proxy(right, {
    get(_, name) {
      const member: unknown = Reflect.get(name in members ? members : right, name)
      return typeof member === 'function' && !(name in members) ? member.bind(right) : member
    },
  })

/** `right`, with a bug. */
export function brokenHub(right: Hub, bug: HubBug, clock?: Clock): Hub {
  const made = new WeakMap<HubSession, HubSession>()
  const broken = (session: HubSession): HubSession => {
    const known = made.get(session) ?? overlaid(session, bug.session?.(session, { hub: right, clock }) ?? {})
    made.set(session, known)
    return known
  }
  return overlaid<Hub>(right, {
    enter: token => broken(right.enter(token)),
    join: async request => broken(await right.join(request)),
    ...bug.hub?.(right),
  })
}
