import { type Message, type Policy, type RoomLog, type SessionLog, virtualClock } from '@midsentence/core'
import {
  type HubOptions,
  type HubSession,
  openHub,
  type RoomListener,
  type RoomSubscription,
} from '@midsentence/core/hub'

export interface RecordedEvents extends RoomListener {
  readonly seqs: number[]
  readonly contents: string[]
  readonly batches: (readonly Message[])[]
  readonly missing: [number, number][]
  readonly seen: string[]
  reason: string | undefined
  /** What `messages` returns. False pauses the subscription. */
  open: boolean
}

/** Makes a listener that records what it receives. */
export function recordEvents(): RecordedEvents {
  const events: RecordedEvents = {
    seqs: [],
    contents: [],
    batches: [],
    missing: [],
    seen: [],
    reason: undefined,
    open: true,
    messages(batch) {
      events.batches.push(batch)
      for (const { seq, content } of batch) {
        events.seqs.push(seq)
        events.contents.push(content)
      }
      return events.open
    },
    missed: (from, to) => void events.missing.push([from, to]),
    presence(changes) {
      for (const [name, { present, writing }] of changes) {
        events.seen.push(`${present ? '+' : '-'}${name}`)
        if (writing) events.seen.push(`writing ${name}`)
      }
    },
    writing(changes) {
      for (const [name, { writing }] of changes) events.seen.push(`${writing ? 'writing' : 'not writing'} ${name}`)
    },
    ended: reason => {
      events.reason = reason
    },
  }
  return events
}

export interface HubHarnessOptions extends HubOptions {
  readonly log?: RoomLog
  readonly sessions?: SessionLog
  readonly policy?: Policy
}

/** Opens a hub with a virtual clock. */
export async function newHub(options: HubHarnessOptions = {}) {
  const clock = virtualClock()
  const hub = await openHub({ clock, ...options })
  return {
    clock,
    hub,
    join: (username: string, room?: string) => hub.join({ username, ...(room !== undefined && { room }) }),
    /** Sends one message: pushes until it is not held. */
    async say(session: HubSession, content: string) {
      await session.append({ text: content })
      for (;;) {
        const answer = await session.push()
        if (answer.status === 1) return answer
      }
    },
    async listen(session: HubSession, after?: number): Promise<RecordedEvents & { subscription: RoomSubscription }> {
      const events = recordEvents()
      const subscription = await session.subscribe(events, after)
      subscription.resume()
      return Object.assign(events, { subscription })
    },
  }
}
