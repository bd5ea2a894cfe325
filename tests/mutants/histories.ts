import type { RuleId } from '@midsentence/conformance'
import {
  type ClientOverrides,
  type PlannedFault,
  randomPlan,
  type ServerOverrides,
  type SimulationPlan,
  simulate,
} from '@midsentence/conformance/simulation'
import type { RoomLog, RoomRecord, SessionLog, SessionRecord } from '@midsentence/core'
import type { SessionFact } from '@midsentence/core/hub'
import { withFrequentAbsences } from './absences.ts'
import { brokenHub, type HubBug } from './server/broken-hub.ts'

/** A bug in an otherwise right server or client that a simulated history shows. */
export interface HistoryMutant {
  readonly name: string
  readonly breaks: RuleId
  readonly overrides?: ServerOverrides
  readonly clientOverrides?: ClientOverrides
  /** `frequent`: only a server that crashes often shows it. Default: as the plan says. */
  readonly crashes?: 'frequent'
  /** `frequent`: only clients that are away often show it. Default: as the plan says. */
  readonly absences?: 'frequent'
}

type Logs = { readonly log: RoomLog; readonly sessions: SessionLog }

const inHub = (session: NonNullable<HubBug['session']>): ServerOverrides => ({
  hub: hub => brokenHub(hub, { session }),
})
const inLogs = (change: (logs: Logs) => Partial<Logs>): ServerOverrides => ({
  logs: logs => ({ ...logs, ...change(logs) }),
})

/** Replaces each session record with those that `change` returns, written one after another. */
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

/** Returns a session log without fencing: any number of writers may append, one after another. */
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
    name: 'a draft is emptied in a separate write',
    breaks: 'P4',
    crashes: 'frequent',
    overrides: inLogs(({ log, sessions: fenced }) => {
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
    name: 'a key is written after its effect',
    breaks: 'D1',
    crashes: 'frequent',
    overrides: writingOfSessions(record =>
      acted(record, ({ kept, ...effect }) => (kept ? [effect, { type: 'acted', push: effect.push, kept }] : [effect])),
    ),
  },
  {
    name: 'a key is written before its effect',
    breaks: 'D1',
    crashes: 'frequent',
    overrides: writingOfSessions(record =>
      acted(record, ({ kept, ...effect }) => (kept ? [{ type: 'acted', push: effect.push, kept }, effect] : [effect])),
    ),
  },
  {
    name: 'a restart forgets delivered messages',
    breaks: 'L1',
    crashes: 'frequent',
    overrides: writingOfSessions(record => acted(record, ({ given: _, ...fact }) => [fact])),
  },
  {
    name: 'sessions are acknowledged before they are written',
    breaks: 'D1',
    crashes: 'frequent',
    overrides: inLogs(({ sessions }) => ({
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
    name: 'keys of sent messages are not written',
    breaks: 'P4',
    crashes: 'frequent',
    overrides: inLogs(({ log }) => ({
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
    overrides: inHub(session => {
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
    name: 'an answer delivers only the first of its messages',
    breaks: 'L5',
    overrides: inHub(session => ({
      append: async (request, options) => {
        const answer = await session.append(request, options)
        return answer.messages.length > 1 ? { ...answer, messages: answer.messages.slice(0, 1) } : answer
      },
    })),
  },
]

/** Replaces the crashes of `plan` with ten, each of which loses another part of the unflushed writes. */
function withFrequentCrashes(plan: SimulationPlan): SimulationPlan {
  const last = Math.max(...plan.actions.map(({ at }) => at))
  const crashes = Array.from({ length: 10 }, (_, nth): PlannedFault => {
    const at = Math.round(((nth + 0.5) * last) / 10)
    return { type: 'crash', at, down: 1 + nth, room: (nth + plan.seed) % 2, sessions: nth % 3 }
  })
  const faults = [...plan.faults.filter(({ type }) => type === 'kill'), ...crashes].sort((a, b) => a.at - b.at)
  return { ...plan, flush_ms: 300, faults }
}

/** Returns `plan` with the faults that a mutant needs. */
function planFor(plan: SimulationPlan, { crashes, absences }: Pick<HistoryMutant, 'crashes' | 'absences'>) {
  if (crashes === 'frequent') return withFrequentCrashes(plan)
  return absences === 'frequent' ? withFrequentAbsences(plan) : plan
}

/** The rules among `ids` that histories with a mutant break. Stops once all of them are broken. */
export const brokenByHistories =
  ({ overrides = {}, clientOverrides = {}, ...faults }: Omit<HistoryMutant, 'name' | 'breaks'>) =>
  async (
    ids: readonly RuleId[],
    { runs = 100, seed = 1 }: { readonly runs?: number; readonly seed?: number },
  ): Promise<RuleId[]> => {
    const broken = new Set<RuleId>()
    for (let nth = 0; nth < runs && broken.size < ids.length; nth++) {
      const plan = planFor(randomPlan(seed * 100_000 + nth), faults)
      const { violations } = await simulate(plan, { overrides, clientOverrides })
      for (const { rule } of violations) if (ids.includes(rule)) broken.add(rule)
    }
    return [...broken]
  }
