import type { RuleId } from '@midsentence/conformance'
import {
  type PlannedFault,
  randomPlan,
  type ServerOverrides,
  type SimulationPlan,
  simulate,
} from '@midsentence/conformance/simulation'
import type { RoomLog, RoomRecord, SessionLog, SessionRecord } from '@midsentence/core'
import type { SessionFact } from '@midsentence/core/hub'
import { brokenHub, type HubBug } from './server/broken-hub.ts'

/** A bug in an otherwise right server, which a simulated history shows. */
export interface HistoryMutant {
  readonly name: string
  readonly breaks: RuleId
  readonly sabotage: ServerOverrides
  /** `stormy`: it shows where the server dies often. Default: in any history. */
  readonly weather?: 'stormy'
}

type Logs = { readonly log: RoomLog; readonly sessions: SessionLog }

const inHub = (session: NonNullable<HubBug['session']>): ServerOverrides => ({
  hub: hub => brokenHub(hub, { session }),
})
const inLogs = (change: (logs: Logs) => Partial<Logs>): ServerOverrides => ({
  logs: logs => ({ ...logs, ...change(logs) }),
})

/** What is written of sessions is changed before it is written, each record to any number, one after the other. */
const writingOfSessions = (change: (record: SessionRecord) => readonly SessionRecord[]): ServerOverrides =>
  inLogs(({ sessions }) => ({
    sessions: {
      ...sessions,
      append: async (room, records, expected) => {
        let position = expected
        for (const record of records.flatMap(change)) position = await sessions.append(room, [record], position)
        return position
      },
    },
  }))

/** A session log that any number of writers may append to, one after the other. */
function withoutFence(sessions: SessionLog): SessionLog {
  let last: Promise<unknown> = Promise.resolve()
  return {
    ...sessions,
    append: (room, records) => {
      const written = last.then(async () => sessions.append(room, records, await sessions.head(room)))
      last = written
      return written
    },
  }
}

const acted = (
  record: SessionRecord,
  change: (fact: Extract<SessionFact, { type: 'acted' }>) => readonly SessionFact[],
) =>
  record.fact.type === 'acted' ? change(record.fact).map(fact => ({ session_id: record.session_id, fact })) : [record]

/** Bugs that a crash, a lost answer or a race shows. */
export const brokenHistories: readonly HistoryMutant[] = [
  {
    name: 'a draft is emptied apart from the log',
    breaks: 'P4',
    weather: 'stormy',
    sabotage: inLogs(({ log, sessions: fenced }) => {
      const sessions = withoutFence(fenced)
      const append: RoomLog['append'] = async (room, records, expected) => {
        const position = await log.append(
          room,
          records.map((record): RoomRecord => (record.type === 'message' ? { ...record, push: 0 } : record)),
          expected,
        )
        for (const record of records) {
          if (record.type !== 'message' || record.push === 0) continue
          const fact: SessionFact = {
            type: 'acted',
            push: record.push,
            drafted: { type: 'pushed', seq: record.message.seq },
          }
          void sessions.append(room, [{ session_id: record.session, fact }], '')
        }
        return position
      }
      return { log: { ...log, append }, sessions }
    }),
  },
  {
    name: 'a key is written behind its effect',
    breaks: 'D1',
    weather: 'stormy',
    sabotage: writingOfSessions(record =>
      acted(record, ({ kept, ...effect }) => (kept ? [effect, { type: 'acted', push: effect.push, kept }] : [effect])),
    ),
  },
  {
    name: 'a key is written before its effect',
    breaks: 'D1',
    weather: 'stormy',
    sabotage: writingOfSessions(record =>
      acted(record, ({ kept, ...effect }) => (kept ? [{ type: 'acted', push: effect.push, kept }, effect] : [effect])),
    ),
  },
  {
    name: 'what was given is forgotten at a restart',
    breaks: 'L1',
    weather: 'stormy',
    sabotage: writingOfSessions(record => acted(record, ({ given: _, ...fact }) => [fact])),
  },
  {
    name: 'sessions are acknowledged before they are written',
    breaks: 'D1',
    weather: 'stormy',
    sabotage: inLogs(({ sessions }) => ({
      sessions: {
        ...sessions,
        append: async (room, records, expected) => {
          void sessions.append(room, records, expected)
          return String(Number(expected) + records.length)
        },
      },
    })),
  },
  {
    name: 'keys of what was sent are not written',
    breaks: 'P4',
    weather: 'stormy',
    sabotage: inLogs(({ log }) => ({
      log: {
        ...log,
        append: (room, records, expected) =>
          log.append(
            room,
            records.map((record): RoomRecord => (record.type === 'message' ? { ...record, key: '' } : record)),
            expected,
          ),
      },
    })),
  },
  {
    name: 'a reset forgets the cursor',
    breaks: 'L1',
    sabotage: inHub(session => {
      let forgot = false
      const from = { after: session.joinResult.cursor }
      return {
        reset: async (request, options) => {
          forgot = true
          return session.reset(request, options)
        },
        append: (request, options) => {
          const how = forgot && request.after === undefined ? { ...request, ...from } : request
          forgot = false
          return session.append(how, options)
        },
      }
    }),
  },
  {
    name: 'of two messages only one is given',
    breaks: 'L5',
    sabotage: inHub(session => ({
      append: async (request, options) => {
        const answer = await session.append(request, options)
        return answer.messages.length > 1 ? { ...answer, messages: answer.messages.slice(0, 1) } : answer
      },
    })),
  },
]

/** The server of `plan` dies ten times, each time with another part of what it had not flushed. */
function stormy(plan: SimulationPlan): SimulationPlan {
  const last = Math.max(...plan.actions.map(({ at }) => at))
  const crashes = Array.from({ length: 10 }, (_, nth): PlannedFault => {
    const at = Math.round(((nth + 0.5) * last) / 10)
    return { type: 'crash', at, down: 1 + nth, room: (nth + plan.seed) % 2, sessions: nth % 3 }
  })
  const disasters = [...plan.faults.filter(({ type }) => type === 'kill'), ...crashes].sort((a, b) => a.at - b.at)
  return { ...plan, flush_ms: 300, faults: disasters }
}

/** The rules among `ids` that histories with `sabotage` break. The first that is broken ends it where only one is asked for. */
export const brokenByHistories =
  (sabotage: ServerOverrides, weather: 'stormy' | 'any' = 'any') =>
  async (
    ids: readonly RuleId[],
    { runs = 100, seed = 1 }: { readonly runs?: number; readonly seed?: number },
  ): Promise<RuleId[]> => {
    const broken = new Set<RuleId>()
    for (let nth = 0; nth < runs && broken.size < ids.length; nth++) {
      const plan = randomPlan(seed * 100_000 + nth)
      const { violations } = await simulate(weather === 'stormy' ? stormy(plan) : plan, { overrides: sabotage })
      for (const { rule } of violations) if (ids.includes(rule)) broken.add(rule)
    }
    return [...broken]
  }
