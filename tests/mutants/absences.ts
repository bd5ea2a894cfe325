import type {
  ClientOverrides,
  PlannedFault,
  ServerOverrides,
  SimulationPlan,
} from '@midsentence/conformance/simulation'
import type { ActionAnswer, Participant } from '@midsentence/core'
import { MidsentenceError } from '@midsentence/core'
import type { HubSession, JoinRequest } from '@midsentence/core/hub'
import { override } from '@midsentence/testing/override'
import type { HistoryMutant } from './histories.ts'
import { brokenHub } from './server/broken-hub.ts'

/** After how long without a call a session of the simulation has lapsed. */
const LAPSED_MS = 90_000

/** The name that a numbered one is made of. */
const unnumbered = (name: string): string => name.replace(/-\d+$/, '')

/** Returns a session whose `change` is applied to each of its answers. `before` is called before each call. */
function changing(
  session: HubSession,
  change: (answer: ActionAnswer) => ActionAnswer,
  before: () => Promise<unknown> | undefined = () => undefined,
): Partial<HubSession> {
  const changed = async <A extends ActionAnswer>(call: () => Promise<A>): Promise<A> => {
    await before()
    return change(await call()) as A
  }
  return {
    append: (...call) => changed(() => session.append(...call)),
    undo: (...call) => changed(() => session.undo(...call)),
    reset: (...call) => changed(() => session.reset(...call)),
    preview: (...call) => changed(() => session.preview(...call)),
    push: (...call) => changed(() => session.push(...call)),
    publish: (...call) => changed(() => session.publish(...call)),
    check: (...call) => changed(() => session.check(...call)),
  }
}

/** A server that, after a lapse, drops everything unseen. */
const losesCursors: ServerOverrides = {
  hub: (right, { clock }) =>
    brokenHub(right, {
      session: session => {
        let last = clock.monotonic()
        return changing(
          session,
          answer => answer,
          () => {
            const isLapsed = clock.monotonic() - last >= LAPSED_MS
            last = clock.monotonic()
            return isLapsed ? session.preview().catch(() => undefined) : undefined
          },
        )
      },
    }),
}

/** A server where a session keeps a name that was taken while it was away. */
const keepsTakenNames: ServerOverrides = {
  hub: right =>
    brokenHub(right, {
      session: session => ({
        ...changing(session, ({ renamed: _, ...answer }) => answer as ActionAnswer),
        who: async () => {
          const { participants, ...rest } = await session.who()
          return {
            ...rest,
            participants: participants.map(each => ({ ...each, sender_id: unnumbered(each.sender_id) })),
          }
        },
      }),
    }),
}

const tellsNoNames: ServerOverrides = {
  hub: right =>
    brokenHub(right, { session: session => changing(session, ({ renamed: _, ...answer }) => answer as ActionAnswer) }),
}

/** A server that begins the reading of a name that was here before at the first message. */
const showsThePast: ServerOverrides = {
  options: ({ settings, limit }) => ({
    policy: {
      room: () => settings,
      limits: () => ({}),
      access: () => ({ history: true, ...(limit !== undefined && { limit }) }),
    },
  }),
  hub: right => {
    const known = new Set<string>()
    return override(right, {
      join: async (request: JoinRequest) => {
        const isKnown = known.has(request.username)
        known.add(request.username)
        if (!isKnown || request.legacy) return right.join(request)
        const session = await right.join({ ...request, since: 0 })
        // It says that reading begins at the join.
        const { shown } = session.snapshotCursor()
        return override(session, { snapshotCursor: () => ({ cursor: shown, shown }) })
      },
    })
  },
}

/** A server to which each join is a new one, although its secret is known. */
const ignoresSecrets: ServerOverrides = {
  hub: right => {
    let joins = 0
    return override(right, {
      join: ({ secret, ...request }: JoinRequest) =>
        right.join(secret === undefined ? request : { ...request, secret: `${secret} ${++joins}` }),
    })
  },
}

/** A server that counts places at a join only. */
const countsPlacesOnce: ServerOverrides = {
  options: ({ settings }) => ({ policy: { room: () => settings, limits: () => ({}) } }),
  hub: (right, { plan: { limit = Number.POSITIVE_INFINITY } }) =>
    override(right, {
      join: async (request: JoinRequest) => {
        const { admin } = right
        const taken = (await admin?.rooms())?.find(({ room }) => room === 'lobby')?.participants ?? 0
        const here = taken > 0 ? await admin!.participants('lobby') : []
        const isHere = here.some(({ sender_id }) => sender_id === request.username)
        if (taken >= limit && !isHere) throw new MidsentenceError('room-unavailable', 'The room is full.')
        return right.join(request)
      },
    }),
}

/** Replaces the answers of a local participant. `joinedAt`: the cursor at which its session replaced another one. */
const answering = (change: (answer: ActionAnswer, joinedAt: number) => ActionAnswer): ClientOverrides => ({
  participant: right => {
    let joinedAt = 0
    right.events$.subscribe(event => {
      if (event.type === 'joined' && !event.resumed) joinedAt = event.cursor
    })
    const changed = async <A extends ActionAnswer>(answer: Promise<A>): Promise<A> =>
      change(await answer, joinedAt) as A
    return override<Participant>(right, {
      append: text => changed(right.append(text)),
      undo: () => changed(right.undo()),
      reset: () => changed(right.reset()),
      preview: () => changed(right.preview()),
      push: options => changed(right.push(options)),
      check: options => changed(right.check(options)),
    })
  },
})

/** Bugs of a server that show when a client was away: it slept, its session lapsed, or an answer to its join was lost. */
export const brokenAbsences: readonly HistoryMutant[] = [
  { name: 'a session that lapses loses its cursor', breaks: 'L5', absences: 'frequent', overrides: losesCursors },
  {
    name: 'a lapsed session keeps a name that was taken',
    breaks: 'A2',
    absences: 'frequent',
    overrides: keepsTakenNames,
  },
  { name: 'a session is not told its new name', breaks: 'A4', absences: 'frequent', overrides: tellsNoNames },
  {
    name: 'a join without the secret gives messages from before it',
    breaks: 'R4',
    absences: 'frequent',
    overrides: showsThePast,
  },
  {
    name: 'a join repeated with its secret makes a second session',
    breaks: 'A3',
    absences: 'frequent',
    overrides: ignoresSecrets,
  },
  {
    name: 'a lapsed session comes back without a free place',
    breaks: 'A7',
    absences: 'frequent',
    overrides: countsPlacesOnce,
  },
]

/** Bugs of a client that show when its session was replaced. */
export const brokenAbsentClients: readonly HistoryMutant[] = [
  {
    name: 'a client drops what it had received when its session is replaced',
    breaks: 'A6',
    absences: 'frequent',
    clientOverrides: answering((answer, joinedAt) => ({
      ...answer,
      messages: answer.messages.filter(({ seq }) => seq > joinedAt),
    })),
  },
  {
    name: 'a client does not tell what it missed when its session was replaced',
    breaks: 'L7',
    absences: 'frequent',
    clientOverrides: answering(({ missed: _, ...answer }) => answer as ActionAnswer),
  },
]

/** Lets every client of `plan` sleep, lose its name, lose its session, and lose answers to its joins. */
export function withFrequentAbsences(plan: SimulationPlan): SimulationPlan {
  const last = Math.max(...plan.actions.map(({ at }) => at))
  const scale = 500_000 / (last + 1)
  const faults = plan.clients.flatMap((_, client): PlannedFault[] => {
    const at = 40_000 + client * 30_000
    const stays = client % 2 === 0 ? { stays: true as const } : {}
    const clockStops = (client + plan.seed) % 2 === 0 ? { clockStops: true as const } : {}
    return [
      { type: 'sleep', at, client, ms: 170_000, ...clockStops },
      { type: 'take-name', at: at + 60_000, client, ms: 200_000, ...stays },
      { type: 'half-open', at: at + 230_000, client, ms: 60_000 },
      { type: 'forget', at: at + 260_000, client },
    ]
  })
  const lost = { requestMs: 1, responseMs: null }
  return {
    ...plan,
    ...(plan.seed % 2 === 0 && { limit: plan.clients.length }),
    clients: plan.clients.map(client => ({ ...client, joinFaults: [lost, { requestMs: 1, responseMs: 1 }, lost] })),
    actions: plan.actions.map(action => ({ ...action, at: Math.round(action.at * scale) })),
    faults: [...plan.faults.filter(({ type }) => type === 'kill'), ...faults].sort((a, b) => a.at - b.at),
  }
}
