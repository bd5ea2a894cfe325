import type { Admission, Policy } from '@midsentence/core'

const undecided: Admission = { allowed: false, reason: 'this was not decided before' }

/**
 * Admissions that were decided before a room is opened, so that a stranger makes no server own a room. The hub of the room asks
 * its policy again: it is answered with what was decided.
 */
export class Admissions {
  readonly #decided = new Map<string, Admission>()
  #tickets = 0

  /** Returns the policy for the hubs of rooms. */
  policyOf(policy: Policy): Policy {
    const inner: Policy = {
      room: room => policy.room(room),
      limits: room => policy.limits(room),
      admit: ({ credential }) => this.#decided.get(credential ?? '') ?? undecided,
    }
    if (policy.access) inner.access = room => policy.access!(room)
    if (policy.loopGuard) inner.loopGuard = room => policy.loopGuard!(room)
    if (policy.content) inner.content = (content, sender_id, room) => policy.content!(content, sender_id, room)
    return inner
  }

  /** Runs `join` with a credential that means `admission`. */
  async with<T>(admission: Admission, join: (credential: string) => Promise<T>): Promise<T> {
    const ticket = `admitted-${++this.#tickets}`
    this.#decided.set(ticket, admission)
    try {
      return await join(ticket)
    } finally {
      this.#decided.delete(ticket)
    }
  }
}
