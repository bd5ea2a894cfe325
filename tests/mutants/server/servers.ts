import type { RuleId } from '@midsentence/conformance'
import { isMidsentenceError, type SessionLog } from '@midsentence/core'
import type { CallOptions } from '@midsentence/core/hub'
import type { ServerBug } from './server-harness.ts'

/** A planted bug and the rule that catches it. */
export interface ServerMutant {
  readonly name: string
  readonly breaks: RuleId
  readonly bug: ServerBug
}

const inReply =
  (change: (reply: string) => string): NonNullable<ServerBug['reply']> =>
  reply =>
    reply === undefined ? undefined : change(reply)

const withoutSnapshot = ({ cursorSnapshot: _, ...options }: CallOptions = {}): CallOptions => options

/** Bugs of a server, each with the rule that catches it. */
export const brokenServers: readonly ServerMutant[] = [
  {
    name: 'undo empties the draft',
    breaks: 'D1',
    bug: { session: session => ({ undo: (request, options) => session.reset(request, options) }) },
  },
  {
    name: 'an append is trimmed',
    breaks: 'D1',
    bug: {
      session: session => ({
        append: (request, options) => session.append({ ...request, text: request.text.trim() }, options),
      }),
    },
  },
  {
    name: 'a push moves the cursor before it is judged',
    breaks: 'H1',
    bug: {
      session: session => ({
        push: async (request, options) => {
          await session.check({ timeout_ms: 0 })
          return session.push(request, options)
        },
      }),
    },
  },
  {
    name: 'an answer repeats the messages of the previous one',
    breaks: 'H1',
    bug: {
      session: session => ({
        check: async request => session.check({ ...request, after: Math.max(0, session.snapshotCursor().cursor - 1) }),
      }),
    },
  },
  {
    name: 'more is never reported',
    breaks: 'L5',
    bug: { reply: inReply(text => text.replace('"more":true', '"x":1')) },
  },
  {
    name: 'a check with messages returns 0',
    breaks: 'C1',
    bug: {
      session: session => ({
        check: async (request, options) => ({ ...(await session.check(request, options)), status: 0 }),
      }),
    },
  },
  {
    name: 'a check waits for an earlier one',
    breaks: 'C1',
    bug: {
      session: session => {
        let last: Promise<unknown> = Promise.resolve()
        return {
          check: (request, options) => {
            const check = last.then(() => session.check(request, options))
            last = check
            return check
          },
        }
      },
    },
  },
  {
    name: 'keys of appends are ignored',
    breaks: 'R1',
    bug: { session: session => ({ append: ({ key: _, ...request }, options) => session.append(request, options) }) },
  },
  {
    name: 'a retry of a held push is judged again',
    breaks: 'R1',
    bug: { session: session => ({ push: ({ key: _, ...request } = {}, options) => session.push(request, options) }) },
  },
  {
    name: 'a repeated call returns no messages',
    breaks: 'R1',
    bug: {
      session: session => {
        const known = new Set<string>()
        return {
          append: async (request, options) => {
            const answer = await session.append(request, options)
            const again = request.key !== undefined && known.has(request.key)
            known.add(request.key ?? '')
            return again ? { ...answer, messages: [] } : answer
          },
        }
      },
    },
  },
  {
    name: 'a key belongs to a call and its text',
    breaks: 'R2',
    bug: {
      session: session => ({
        append: (request, options) =>
          session.append(
            request.key === undefined ? request : { ...request, key: `${request.key} ${request.text}` },
            options,
          ),
      }),
    },
  },
  {
    name: 'a cursor above the shown seq is lowered without an error',
    breaks: 'R3',
    bug: {
      session: session => ({
        append: (request, options) =>
          session.append({ ...request, after: Math.min(request.after ?? 0, session.snapshotCursor().shown) }, options),
      }),
    },
  },
  {
    name: 'a base above the shown seq is lowered without an error',
    breaks: 'R3',
    bug: {
      session: session => ({
        publish: (request, options) =>
          session.publish({ ...request, base: Math.min(request.base, session.snapshotCursor().shown) }, options),
      }),
    },
  },
  {
    name: 'after is ignored',
    breaks: 'R4',
    bug: {
      session: session => ({
        append: ({ after: _, ...request }, options) => session.append(request, options),
        check: ({ after: _, ...request } = {}, options) => session.check(request, options),
      }),
    },
  },
  {
    name: 'a push is judged by the cursor and ignores after',
    breaks: 'R4',
    bug: { session: session => ({ push: ({ after: _, ...request } = {}, options) => session.push(request, options) }) },
  },
  {
    name: 'a token with the right beginning is accepted',
    breaks: 'A1',
    bug: { hub: hub => ({ enter: token => hub.enter(token.slice(0, 64)) }) },
  },
  {
    name: 'an error contains the token',
    breaks: 'A1',
    bug: {
      hub: hub => ({
        enter: token => {
          try {
            return hub.enter(token)
          } catch (error) {
            if (isMidsentenceError(error)) error.message += ` (${token})`
            throw error
          }
        },
      }),
    },
  },
  {
    name: 'secrets are ignored',
    breaks: 'A3',
    bug: { hub: hub => ({ join: ({ secret: _, ...request }) => hub.join(request) }) },
  },
  { name: 'names never expire', breaks: 'A4', bug: { options: { times: { lapse_ms: 1e9 } } } },
  { name: 'a secret does not extend its session', breaks: 'A4', bug: { options: { times: { session_ms: 0 } } } },
  {
    name: 'participants are never away',
    breaks: 'A4',
    bug: { options: { times: { away_ms: 80_000, lapse_ms: 10_000 } } },
  },
  { name: 'leave does not free the name', breaks: 'A5', bug: { session: () => ({ leave: async () => {} }) } },
  {
    name: 'ids are returned as text',
    breaks: 'W1',
    bug: { reply: inReply(text => text.replace(/"id":(-?\d[\d.]*)/g, '"id":"$1"')) },
  },
  {
    name: 'positional parameters are accepted',
    breaks: 'W1',
    bug: { request: text => text.replace('"params": ["x"]', '"params": {"text": "x"}') },
  },
  {
    name: 'a batch is judged by the cursor that it moved itself',
    breaks: 'W2',
    bug: {
      session: session => ({
        check: (request, options) => session.check(request, withoutSnapshot(options)),
        push: async (request, options) => {
          await session.preview()
          return session.push(request, withoutSnapshot(options))
        },
      }),
    },
  },
  {
    name: 'a batch runs from the last call to the first',
    breaks: 'W2',
    bug: {
      request: text =>
        text.startsWith('[') && text.includes(' new') ? JSON.stringify(JSON.parse(text).reverse()) : text,
    },
  },
  {
    name: 'answers of a batch have swapped ids',
    breaks: 'W2',
    bug: {
      reply: reply => {
        const responses: unknown = JSON.parse(reply ?? 'null')
        if (!Array.isArray(responses) || responses.length < 2) return reply
        const ids = responses.map(({ id }) => id).reverse()
        return JSON.stringify(responses.map((response, at) => ({ ...response, id: ids[at] })))
      },
    },
  },
  {
    name: 'notifications are answered',
    breaks: 'W3',
    bug: { reply: reply => reply ?? '{"jsonrpc":"2.0","id":null,"result":{}}' },
  },
  {
    name: 'a notification moves the cursor',
    breaks: 'W3',
    bug: {
      session: session => ({
        append: (request, { notification: _, ...options } = {}) => session.append(request, options),
      }),
    },
  },
  {
    name: 'notifications do nothing',
    breaks: 'W3',
    bug: {
      session: session => ({
        append: (request, options = {}) =>
          session.append({ ...request, ...(options.notification && { text: '' }) }, options),
      }),
    },
  },
  {
    name: 'an error resets the draft',
    breaks: 'W4',
    bug: {
      session: session => ({
        publish: async (request, options) => {
          try {
            return await session.publish(request, options)
          } catch (error) {
            await session.reset({}, { notification: true })
            throw error
          }
        },
        push: async (request, options) => {
          if (request && 'meta' in request) await session.reset({}, { notification: true })
          return session.push(request, options)
        },
      }),
      request: text => text.replace('"method":"no"', '"method":"push","params":{"meta":{"a":{"b":{"c":{"d":{}}}}}}'),
    },
  },
  {
    name: 'events other than messages have no id',
    breaks: 'V1',
    bug: { event: event => (event.event === 'message' ? event : { ...event, id: '' }) },
  },
  {
    name: 'presence is sent as a message event',
    breaks: 'V1',
    bug: { event: event => (event.event === 'presence' ? { ...event, event: 'message' } : event) },
  },
  {
    name: 'a message of two lines loses the second',
    breaks: 'V1',
    bug: { event: event => ({ ...event, data: event.data.replace(/\\n.*?"/, '"') }) },
  },
  {
    name: 'a stream starts at the head',
    breaks: 'V2',
    bug: {
      session: session => ({ subscribe: listener => session.subscribe(listener, session.snapshotCursor().shown) }),
    },
  },
  {
    name: 'after takes precedence over the header',
    breaks: 'V2',
    bug: {
      stream: ({ lastEventId, after = lastEventId, ...asked }) => ({ ...asked, ...(after !== undefined && { after }) }),
    },
  },
  {
    name: 'a stream loses an event',
    breaks: 'V2',
    bug: { event: (event, nth) => (nth === 3 ? undefined : event) },
  },
  {
    name: 'an id above the shown seq is read as the head',
    breaks: 'V3',
    bug: {
      session: session => ({
        subscribe: (listener, after = 0) =>
          session.subscribe(listener, Math.min(after, session.snapshotCursor().shown)),
      }),
    },
  },
  {
    name: 'a stream ignores the room in its URL',
    breaks: 'V3',
    bug: { stream: asked => ({ ...asked, room: 'lobby' }) },
  },
  {
    name: 'a restart forgets delivered messages',
    breaks: 'G1',
    bug: { sessions: right => without(right, 'given') },
  },
  {
    name: 'a restart forgets drafts',
    breaks: 'G1',
    bug: { sessions: right => without(right, 'drafted') },
  },
  {
    name: 'a restart forgets its answers',
    breaks: 'G1',
    bug: { sessions: right => without(right, 'kept') },
  },
]

/** Leaves `part` out of each written `acted` fact. */
const without = (right: SessionLog, part: 'given' | 'drafted' | 'kept'): SessionLog => ({
  ...right,
  append: (room, records, expected) =>
    right.append(
      room,
      records.map(record =>
        record.fact.type === 'acted' ? { ...record, fact: { ...record.fact, [part]: undefined } } : record,
      ),
      expected,
    ),
})
