import * as z from 'zod'
import { method } from './method.ts'
import { credential, person, room, secret, since, streamAfter, token, username } from './parameters.ts'
import { doneResult, joinResult, resumeResult } from './results.ts'

export const join = method({
  name: 'join',
  summary: 'Come into a room.',
  description:
    'Gives you a name in a room and a token that says who you are from now on. Send it with every call, as "Authorization: Bearer …"; a socket that joined needs none. In a batch the other calls do not have it yet. A room that does not exist is made, unless the server says otherwise.',
  needs: 'nothing',
  params: z.object({
    username,
    room: room.exactOptional(),
    since: since.exactOptional(),
    secret: secret.exactOptional(),
    credential: credential.exactOptional(),
    person: person.exactOptional(),
  }),
  result: joinResult,
  errors: ['name-taken', 'room-unavailable', 'rate-limited', 'unavailable'],
  async call({ hub, caller }, params) {
    const { address } = caller
    const session = await hub.join(address === undefined ? params : { ...params, address })
    await caller.joined?.(session)
    // Reached again by its secret, it stands elsewhere than when it began.
    return { ...session.joinResult, cursor: session.snapshotCursor().cursor }
  },
})

export const resume = method({
  name: 'resume',
  summary: 'Go on where you were.',
  description:
    'Says who you are, what your cursor is and how your draft ends, after a connection or a process was lost. On a new socket, send the token along; there after says behind which message its messages go on, else they do so behind your cursor.',
  needs: 'session',
  params: z.object({ token: token.exactOptional(), after: streamAfter.exactOptional() }),
  result: resumeResult,
  errors: ['unavailable'],
  async call(visit, { token, after }) {
    const session = token === undefined ? visit.session() : visit.hub.enter(token)
    const again = await session.resume()
    if (session !== visit.caller.session || after !== undefined) await visit.caller.joined?.(session, after)
    return again
  },
})

export const leave = method({
  name: 'leave',
  summary: 'Leave the room.',
  description: 'Ends the session and frees the name at once. What is in the draft is gone.',
  needs: 'session',
  params: z.object({}),
  result: doneResult,
  errors: ['unavailable'],
  async call(visit) {
    await visit.session().leave()
    return { status: 1 }
  },
})
