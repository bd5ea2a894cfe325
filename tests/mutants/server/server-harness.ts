import {
  CrashableLogs,
  type EventStreamRequest,
  type OpenEventStream,
  type ScoreStreamRequest,
  type ServerHarness,
  type StreamEvent,
} from '@midsentence/conformance'
import {
  defaultPolicy,
  isMidsentenceError,
  memoryLog,
  memorySessions,
  type Policy,
  type ScoreLog,
  type SessionLog,
  virtualClock,
} from '@midsentence/core'
import { type Hub, type HubOptions, memoryScores, openHub, type PresenceChange } from '@midsentence/core/hub'
import { rpcDispatcher } from '@midsentence/core/wire'
import { brokenHub, type HubBug } from './broken-hub.ts'

/** A bug in a server. Absent members are right. */
export interface ServerBug extends HubBug {
  readonly options?: Partial<HubOptions>
  /** Replaces the session log. */
  readonly sessions?: (right: SessionLog) => SessionLog
  /** Changes a request before it is read. */
  readonly request?: (text: string) => string
  /** Changes a reply. */
  readonly reply?: (reply: string | undefined, request: string) => string | undefined
  /** Changes an event of a stream. */
  readonly event?: (event: StreamEvent, nth: number) => StreamEvent | undefined
  /** Changes the request of a stream. */
  readonly stream?: (request: EventStreamRequest) => EventStreamRequest
}

const refused = 'a text that is refused'

/** The default policy, with a room that annotates, one that is observable, and a content policy. */
const policy: Policy = {
  ...defaultPolicy,
  room: room => (room === 'annotating' ? { policy: 'annotate' } : {}),
  access: room => {
    const isRecorded = room === 'recorded'
    const seen = { observable: isRecorded || room === 'observable', recorded: isRecorded, listed: isRecorded }
    return { ...seen, history: room === 'history' }
  },
  content: content => (content === refused ? { allowed: false, reason: 'It is on a list.' } : { allowed: true }),
}

/** Merges the data of the policy of a bug into that of every server. */
const policyWith = (bug: Partial<Policy>): Policy => ({
  ...policy,
  ...bug,
  room: room => ({ ...policy.room(room), ...bug.room?.(room) }),
  access: room => ({ ...policy.access!(room), ...bug.access?.(room) }),
})

/** Makes a log in memory that drops the messages below a seq, as retention does. */
function forgettingLog() {
  const memory = memoryLog()
  let first = 0
  return {
    log: {
      ...memory,
      messages: (room: string, after: number, limit: number) =>
        memory.messages(room, Math.max(after, first - 1), limit),
    },
    forget: (below: number) => {
      first = below
    },
  }
}

/** Makes a server harness of an in-process hub with `bug`. Without a bug it is right. */
export const serverWith =
  (bug: ServerBug = {}) =>
  async (): Promise<ServerHarness> => {
    const clock = virtualClock()
    const written = memorySessions()
    const { log: messages, forget } = forgettingLog()
    const logs = new CrashableLogs({ log: messages, sessions: bug.sessions?.(written) ?? written })
    const scores = memoryScores()
    let running = 0
    const begin = async () => {
      const process = ++running
      const { log, sessions, crashed } = logs.open()
      // A process that crashed writes no more.
      const append: ScoreLog['append'] = (room, group) =>
        process === running ? scores.append(room, group) : new Promise(() => {})
      const right = await openHub({
        clock,
        log,
        sessions,
        scores: { ...scores, append },
        tail: 1,
        ...bug.options,
        policy: policyWith(bug.options?.policy ?? {}),
      })
      const hub = brokenHub(right, bug, clock)
      return { crashed, right, hub, dispatcher: rpcDispatcher(hub) }
    }
    let server = await begin()
    const { request = text => text, reply = text => text, stream = asked => asked } = bug
    return {
      room: 'lobby',
      annotating: 'annotating',
      observable: 'observable',
      recorded: 'recorded',
      history: 'history',
      refused,
      forget,
      abandon(text, token) {
        const gone = new AbortController()
        void server.dispatcher.dispatch(text, { token, signal: gone.signal })
        return async () => gone.abort()
      },
      async send(text, token) {
        const { crashed, dispatcher } = server
        const answering = dispatcher.dispatch(request(text), token === undefined ? {} : { token })
        return reply(await Promise.race([answering, crashed]), text)
      },
      async restart() {
        await logs.crash()
        server = await begin()
      },
      score: asked => openScore(server.hub, asked, bug.event),
      rooms: async () => ({ rooms: server.hub.listed!() }),
      stream: asked => openStream(server.hub, stream(asked), bug.event),
      settle: () => clock.settle(),
      pass: ms => clock.advance(ms),
      close: () => server.right.close(),
    }
  }

async function openStream(
  hub: Hub,
  { room, token = '', after, lastEventId = after }: EventStreamRequest,
  change: ServerBug['event'] = event => event,
): Promise<OpenEventStream> {
  const events: StreamEvent[] = []
  const none = (status: number): OpenEventStream => ({ status, events, close: async () => {} })
  const position = lastEventId === undefined ? undefined : Number(lastEventId)
  if (position !== undefined && !(Number.isSafeInteger(position) && position >= 0)) return none(400)
  try {
    const session = hub.enter(token)
    if (session.joinResult.room !== room) return none(404)
    let id = String(position ?? session.snapshotCursor().cursor)
    const emit = (event: string, data: object) => {
      const changed = change({ id, event, data: JSON.stringify(data) }, events.length)
      if (changed) events.push(changed)
    }
    emit('welcome', { log: hub.log, cursor: Number(id), sender_id: session.joinResult.sender_id })
    const emitAll = (changes: ReadonlyMap<string, PresenceChange>) => {
      for (const [sender_id, change] of changes) emit('presence', { sender_id, ...change })
    }
    const listening = await session.subscribe(
      {
        messages: batch => {
          for (const message of batch) {
            id = String(message.seq)
            emit('message', message)
          }
          return true
        },
        missed: (from, to) => emit('missed', { from, to }),
        presence: changes => emitAll(changes),
        writing: changes => emitAll(changes),
        hush: on => emit('hush', { on }),
        watchers: watchers => emit('watchers', { watchers }),
        ended: () => {},
      },
      position,
    )
    listening.resume()
    return { status: 200, events, close: async () => listening.close() }
  } catch (error) {
    if (!isMidsentenceError(error)) throw error
    return none(error.code === 'session-unknown' ? 401 : 400)
  }
}

async function openScore(
  hub: Hub,
  { room, from, lastEventId = from }: ScoreStreamRequest,
  change: ServerBug['event'] = event => event,
): Promise<OpenEventStream> {
  const events: StreamEvent[] = []
  const none = (status: number): OpenEventStream => ({ status, events, close: async () => {} })
  const position = lastEventId === undefined ? undefined : Number(lastEventId)
  if (position !== undefined && !(Number.isSafeInteger(position) && position >= 0)) return none(400)
  try {
    let id = position ?? 0
    const emit = (event: string, data: object) => {
      const changed = change({ id: `${id}`, event, data: JSON.stringify(data) }, events.length)
      if (changed) events.push(changed)
    }
    const request = position === undefined ? { room } : { room, from: position }
    const watching = await hub.watch!(request, {
      records(batch) {
        for (const record of batch) {
          id = record.position
          emit('record', record)
        }
        return true
      },
      missed: (from, to) => emit('missed', { from, to }),
      ended: () => {},
    })
    emit('welcome', { log: hub.log, position: watching.position })
    watching.resume()
    return { status: 200, events, close: async () => watching.close() }
  } catch (error) {
    if (!isMidsentenceError(error)) throw error
    return none(error.code === 'room-unavailable' ? 404 : 400)
  }
}
