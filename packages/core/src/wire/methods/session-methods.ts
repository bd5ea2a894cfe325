import * as z from 'zod'
import { callCosts } from '../../hub/access/call-cost.ts'
import { boundSocketError, isSameSession } from '../request-context.ts'
import { method } from './method.ts'
import {
  credential,
  last,
  person,
  room,
  secret,
  since,
  streamAfter,
  token,
  typingIndicator,
  username,
} from './parameters.ts'
import { doneResult, joinResult, resumeResult } from './results.ts'

export const join = method({
  name: 'join',
  summary: 'Join a room.',
  description:
    'Creates a session with a name in a room and returns its token. Send the token with every call, as "Authorization: Bearer …"; a socket that joined needs none. Other calls of the same batch do not have it yet. A room that does not exist is created, unless the server forbids it.',
  auth: 'none',
  params: z.object({
    username,
    room: room.exactOptional(),
    since: since.exactOptional(),
    last: last.exactOptional(),
    secret: secret.exactOptional(),
    credential: credential.exactOptional(),
    person: person.exactOptional(),
    typing_indicator: typingIndicator.exactOptional(),
  }),
  result: joinResult,
  errors: ['name-taken', 'room-unavailable', 'rate-limited', 'unavailable'],
  cost: callCosts.join,
  async call({ hub, caller }, params) {
    if (caller.joined && caller.session) throw boundSocketError()
    const { address } = caller
    const session = await hub.join(address === undefined ? params : { ...params, address })
    await caller.joined?.(session)
    // A session opened again by its secret has moved on since it began.
    return { ...session.joinResult, cursor: session.snapshotCursor().cursor }
  },
})

export const resume = method({
  name: 'resume',
  summary: 'Resume your session.',
  description:
    'Returns your session, your cursor and the end of your draft, after a lost connection or process. On a new socket, pass token; its messages then start after the seq in after, by default after your cursor.',
  auth: 'session',
  params: z.object({ token: token.exactOptional(), after: streamAfter.exactOptional() }),
  result: resumeResult,
  errors: ['unavailable'],
  async call(context, { token, after }) {
    if (token !== undefined) await context.hub.loadRoomOf?.(token)
    const session = token === undefined ? context.session() : context.hub.enter(token)
    const bound = context.caller.joined && context.caller.session
    if (bound && !isSameSession(bound, session)) throw boundSocketError()
    const result = await session.resume()
    if (session !== context.caller.session || after !== undefined) await context.caller.joined?.(session, after)
    return result
  },
})

export const leave = method({
  name: 'leave',
  summary: 'Leave the room.',
  description: 'Ends the session, frees the name at once and discards the draft.',
  auth: 'session',
  params: z.object({}),
  result: doneResult,
  errors: ['unavailable'],
  async call(context) {
    await context.session().leave()
    return { status: 1 }
  },
})
