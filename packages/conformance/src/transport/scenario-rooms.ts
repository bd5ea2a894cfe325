import { defaultPolicy, memoryLog, type RoomLog, type ScoreRecord } from '@midsentence/core'
import type { Hub, HubOptions, RoomObserver } from '@midsentence/core/hub'
import type { TransportOffers } from './transport-harness.ts'

const credential = 'a credential of the guarded room'

/** Settings of a hub with every room that `testTransport` asks for. Make one for each hub. */
export interface ScenarioRooms {
  /** Options to open the hub with. */
  readonly options: Required<Pick<HubOptions, 'log' | 'policy' | 'tail'>>
  /** Makes the `offers` of a harness. `hubOf` returns the hub of a room, and `room` is the harness's room. */
  offers(hubOf: (room: string) => Hub | Promise<Hub>, room?: string): TransportOffers
}

/**
 * Makes the settings of a hub for `testTransport`, and what its harness then offers.
 *
 * @example
 * const rooms = scenarioRooms()
 * const hub = await openHub(rooms.options)
 * const harness = { room: 'lobby', offers: rooms.offers(() => hub), … }
 */
export function scenarioRooms(): ScenarioRooms {
  const { log, forget } = forgettingLog('forgetting')
  return {
    options: {
      log,
      // Messages outside of the tail are read from the log, which may have forgotten them.
      tail: 1,
      policy: {
        ...defaultPolicy,
        room: room => (room === 'annotating' ? { policy: 'annotate' } : {}),
        access: room => ({
          observable: room === 'observable' || room === 'recorded',
          recorded: room === 'recorded',
          history: room === 'historic',
        }),
        loopGuard: room => (room === 'guarded' ? { laps: 1 } : undefined),
        admit: request =>
          request.room !== 'guarded' || request.credential === credential
            ? { allowed: true }
            : { allowed: false, reason: 'This room asks for a credential.' },
      },
    },
    offers: (hubOf, room = 'lobby') => ({
      durability: log.durability,
      annotating: 'annotating',
      guarded: { room: 'guarded', credential },
      observable: { room: 'observable', draftOf: async username => draftOf(await hubOf('observable'), username) },
      recorded: { room: 'recorded', watch: async onRecords => watch(await hubOf('recorded'), onRecords) },
      historic: 'historic',
      forgetting: { room: 'forgetting', below: forget },
      async remove(username, ban) {
        const { admin } = await hubOf(room)
        await admin?.remove(room, username, ban ? undefined : 0)
      },
    }),
  }
}

/** Makes a log in memory that drops the messages of one room below a seq. */
function forgettingLog(of: string): { readonly log: RoomLog; forget(below: number): void } {
  const { snapshots: _, ...memory } = memoryLog()
  let first = 0
  return {
    log: {
      ...memory,
      messages: (room, after, limit) => memory.messages(room, room === of ? Math.max(after, first - 1) : after, limit),
    },
    forget: below => {
      first = below
    },
  }
}

/** Watches the score of the recorded room. Returns what ends that. */
async function watch(hub: Hub, onRecords?: (records: readonly ScoreRecord[]) => void): Promise<() => void> {
  const records = (batch: readonly ScoreRecord[]) => {
    onRecords?.(batch)
    return true
  }
  const subscription = await hub.watch!({ room: 'recorded' }, { records, missed: () => {}, ended: () => {} })
  subscription.resume()
  return () => subscription.close()
}

/** Returns the draft of a participant as an observer sees it now. */
function draftOf(hub: Hub, username: string): string {
  let segments: string[] = []
  const observer: RoomObserver = {
    messages: () => {},
    presence: () => {},
    ended: () => {},
    draft(sender_id, facts, whole) {
      if (sender_id !== username) return
      if (whole) segments = []
      for (const fact of facts) {
        if (fact.type === 'appended') segments.push(fact.text)
        else if (fact.type === 'undone') segments.pop()
        else segments = []
      }
    },
  }
  hub.observe('observable', observer)()
  return segments.join('')
}
