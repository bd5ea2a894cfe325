import { defaultRoomSettings } from '@midsentence/core'
import type { ObservedCall } from '../run/observed-calls.ts'
import type { AuthorRun } from '../run/run.ts'

export const isPush = ({ method }: ObservedCall): boolean => method === 'push' || method === 'sendUnconditionally'

/** The judged pushes of one message, as rule P6 of SPEC.md counts them. */
export interface JudgedPushes {
  readonly author: string
  /** Pushes that the room judged, without those that only waited for another's floor, and those while the name rested. */
  readonly judged: number
  readonly isSent: boolean
  /** The author pushed again in time after each answer, and had read what the answer brought. So P6 limits its pushes. */
  readonly isLimited: boolean
}

/** A floor of the author, as its answers tell. */
interface OwnFloor {
  readonly since: number
  readonly until: number
}

/** Returns the judged pushes of each message of an author, also of the one that it last tried to send. */
export function judgedPushesOf({ name, calls }: Pick<AuthorRun, 'name' | 'calls'>): JudgedPushes[] {
  const { floor_ms, idle_rest } = defaultRoomSettings
  const messages: JudgedPushes[] = []
  let [judged, isLimited] = [0, true]
  let previous: ObservedCall | undefined
  let floor: OwnFloor | undefined
  let restUntil = 0
  const rest = ({ since }: OwnFloor, end: number, times: number) => {
    restUntil = Math.max(restUntil, end + (end - since) * times)
    floor = undefined
  }
  for (const call of calls) {
    const { answered_at, held, method } = call
    if (floor && answered_at >= floor.until) rest(floor, floor.until, idle_rest)
    if (isPush(call)) {
      const onlyWaited = held && call.floor && call.floor.name !== name
      if (!onlyWaited && answered_at >= restUntil) judged++
      if (previous?.held) {
        const inTime = call.called_at - previous.answered_at < floor_ms
        isLimited &&= inTime && (call.after ?? 0) >= (previous.given.at(-1) ?? 0)
      }
      previous = call
      if (!held) {
        if (floor) rest(floor, answered_at, 1)
        messages.push({ author: name, judged, isSent: true, isLimited })
        ;[judged, isLimited] = [0, true]
      }
    }
    if (floor && method === 'check' && !call.floor) rest(floor, answered_at, idle_rest)
    if (call.floor?.name === name)
      floor = { since: floor?.since ?? answered_at, until: answered_at + call.floor.for_ms }
  }
  if (judged > 0) messages.push({ author: name, judged, isSent: false, isLimited })
  return messages
}
