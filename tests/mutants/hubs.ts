import type { HubHarness, HubParts, RuleId } from '@midsentence/conformance'
import type { RoomLog, SessionLog } from '@midsentence/core'
import { type HubSession, openHub } from '@midsentence/core/hub'
import { brokenHub, type HubBug } from './server/broken-hub.ts'

interface HubMutantBug extends HubBug {
  /** Changes the options of the hub. */
  readonly parts?: (parts: HubParts) => HubParts
}

/** A bug in an otherwise right hub, and the rule that catches it. */
export interface HubMutant {
  readonly name: string
  readonly breaks: RuleId
  readonly bug: HubMutantBug
}

/** Makes a harness whose hub has `bug`. Without one it is right. */
export const hubWith = ({ parts = same => same, ...bug }: HubMutantBug = {}): HubHarness => ({
  logs: true,
  open: async given => brokenHub(await openHub(parts(given)), bug),
})

const withLog = (members: (log: RoomLog) => Partial<RoomLog>): HubMutantBug => ({
  parts: parts => ({ ...parts, log: { ...parts.log, ...members(parts.log) } }),
})
const withSessions = (members: (log: SessionLog) => Partial<SessionLog>): HubMutantBug => ({
  parts: parts => ({ ...parts, sessions: { ...parts.sessions, ...members(parts.sessions) } }),
})
const settled = (settings: object): HubMutantBug => ({
  parts: parts => ({
    ...parts,
    policy: { ...parts.policy, room: room => ({ ...parts.policy.room(room), ...settings }) },
  }),
})

/** Leaves a member out of the session facts that are written. */
const unwritten = (member: 'kept' | 'given') =>
  withSessions(log => ({
    append: (room, records, expected) => {
      const written = records.map(record => {
        if (record.fact.type !== 'acted') return record
        const fact = { ...record.fact }
        delete fact[member]
        return { ...record, fact }
      })
      return log.append(room, written, expected)
    },
  }))

export const brokenHubs: readonly HubMutant[] = [
  {
    name: 'a push is judged by the shown seq, not by the cursor',
    breaks: 'H1',
    bug: {
      session: session => ({
        push: (request = {}, options) => session.push({ ...request, after: session.snapshotCursor().shown }, options),
      }),
    },
  },
  {
    name: 'a batch is judged by the cursor that it moved itself',
    breaks: 'W2',
    bug: {
      session: session => ({
        push: async (request, options = {}) => {
          // Earlier calls must take effect first.
          if (options.cursorSnapshot) await session.preview()
          return session.push(request, options.cursorSnapshot ? { ...options, cursorSnapshot: undefined } : options)
        },
      }),
    },
  },
  {
    name: 'undo takes two segments',
    breaks: 'D3',
    bug: {
      session: session => ({
        undo: (request, options) => {
          void session.undo({}, { ...options, notification: true })
          return session.undo(request, options)
        },
      }),
    },
  },
  {
    name: 'reset keeps the draft',
    breaks: 'D1',
    bug: {
      session: session => ({
        reset: async (_, options) => {
          const { messages, cursor } = await session.preview({}, options ?? {})
          return { status: 1, suffix: '', messages, cursor }
        },
      }),
    },
  },
  {
    name: 'a check repeats delivered messages',
    breaks: 'L1',
    bug: {
      session: session => {
        let last: Awaited<ReturnType<HubSession['check']>> | undefined
        return {
          check: async (request, options) => {
            const answer = await session.check(request, options)
            if (answer.messages.length === 0 && last) return { ...last, cursor: answer.cursor }
            last = answer
            return answer
          },
        }
      },
    },
  },
  {
    name: 'a key is forgotten after its answer',
    breaks: 'R1',
    bug: {
      session: session => {
        let calls = 0
        return {
          append: ({ key: _, ...request }, options) => session.append({ ...request, key: `${++calls}` }, options),
        }
      },
    },
  },
  {
    name: 'a cursor above the shown seq is accepted',
    breaks: 'R3',
    bug: {
      session: session => ({
        append: ({ after, ...request }, options) =>
          session.append(
            after === undefined || after > session.snapshotCursor().shown ? request : { ...request, after },
            options,
          ),
      }),
    },
  },
  {
    name: 'a notification moves the cursor',
    breaks: 'W3',
    bug: {
      session: session => ({
        append: (request, options = {}) => session.append(request, { ...options, notification: false }),
      }),
    },
  },
  { name: 'the floor is earned by two holds', breaks: 'F1', bug: settled({ holds_for_floor: 2 }) },
  { name: 'the floor is never earned', breaks: 'F1', bug: settled({ holds_for_floor: 1e9 }) },
  { name: 'a floor lasts for ever', breaks: 'F2', bug: settled({ floor_ms: 1e9 }) },
  {
    name: 'a push does not wait for a floor',
    breaks: 'F4',
    bug: { session: session => ({ push: (request, options) => session.push({ ...request, timeout_ms: 0 }, options) }) },
  },
  {
    name: 'a participant that left stays present',
    breaks: 'A5',
    bug: { session: () => ({ leave: async () => {} }) },
  },
  {
    name: 'a stream starts at the head',
    breaks: 'V2',
    bug: { session: session => ({ subscribe: listener => session.subscribe({ ...listener, messages: () => true }) }) },
  },
  {
    name: 'a session fact is acknowledged before it is written',
    breaks: 'G1',
    bug: withSessions(log => ({
      append: async (room, records, expected) => {
        void log.append(room, records, expected)
        return String(Number(expected) + records.length)
      },
    })),
  },
  {
    name: 'a message is acknowledged before it is written',
    breaks: 'G1',
    bug: withLog(log => {
      let last: Promise<unknown> = Promise.resolve()
      let count: number | undefined
      return {
        append: async (room, records, expected) => {
          last = last.then(() => log.append(room, records, expected)).catch(() => {})
          count = (count ?? Number(expected)) + records.length
          return String(count)
        },
      }
    }),
  },
  {
    name: 'the result of a key is not written',
    breaks: 'G1',
    bug: unwritten('kept'),
  },
  {
    name: 'a cursor is not written',
    breaks: 'G1',
    bug: unwritten('given'),
  },
]
