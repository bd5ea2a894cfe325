import * as z from 'zod'
import { MidsentenceError } from '../../errors.ts'
import type { RoomAdmin } from '../../hub/hub-api.ts'
import type { RequestContext } from '../request-context.ts'
import { describeMethods, type OpenRpc } from './describe-methods.ts'
import { type Method, method } from './method.ts'
import { forMs, on, room, username } from './parameters.ts'
import { closeResult, participantsResult, roomsResult, statusResult } from './results.ts'

const auth = 'none'
const errors = ['room-unavailable', 'unavailable'] as const

function adminOf({ hub }: RequestContext): RoomAdmin {
  if (hub.admin) return hub.admin
  throw new MidsentenceError('method-not-found', 'This server has no admin API.')
}

const rooms = method({
  name: 'admin.rooms',
  summary: 'List the rooms.',
  description:
    'Lists every room that has participants on this server or was closed by an administrator, with the number of its participants.',
  auth,
  params: z.object({}),
  result: roomsResult,
  errors: ['unavailable'],
  readOnly: true,
  async call(context) {
    const admin = adminOf(context)
    return admin.roomList ? admin.roomList() : { rooms: await admin.rooms() }
  },
})

const participants = method({
  name: 'admin.participants',
  summary: 'List the participants of a room.',
  description: 'Lists the participants of a room with their session ids, which logs use. Drafts are not shown.',
  auth,
  params: z.object({ room }),
  result: participantsResult,
  errors,
  readOnly: true,
  call: async (context, { room }) => ({ participants: await adminOf(context).participants(room) }),
})

const remove = method({
  name: 'admin.remove',
  summary: 'Remove a participant from a room.',
  description:
    'Ends the session and its streams at once and discards the draft. The name may not be used in the room for for_ms. Status 0 if the room has no participant of that name.',
  auth,
  params: z.object({ room, username, for_ms: forMs.exactOptional() }),
  result: statusResult,
  errors: ['unavailable'],
  async call(context, { room, username, for_ms }) {
    return { status: (await adminOf(context).remove(room, username, for_ms)) ? 1 : 0 }
  },
})

const close = method({
  name: 'admin.close',
  summary: 'Close a room.',
  description:
    'Removes all participants and rejects joins until admin.open is called or the server restarts. The messages are kept.',
  auth,
  params: z.object({ room }),
  result: closeResult,
  errors: ['unavailable'],
  async call(context, { room }) {
    return { status: 1, removed: await adminOf(context).close(room) }
  },
})

const open = method({
  name: 'admin.open',
  summary: 'Reopen a closed room.',
  description: 'Allows joins again. Status 0 if the room was not closed.',
  auth,
  params: z.object({ room }),
  result: statusResult,
  errors: ['unavailable'],
  call: async (context, { room }) => ({ status: (await adminOf(context).open(room)) ? 1 : 0 }),
})

const hush = method({
  name: 'admin.hush',
  summary: 'Silence the models of a room.',
  description:
    'Until a person sends a message, or it is lifted, participants that are not persons send nothing in the room. Their drafts stay. Status 0 if nothing changed.',
  auth,
  params: z.object({ room, on }),
  result: statusResult,
  errors,
  call: async (context, { room, on }) => ({ status: (await adminOf(context).hush(room, on)) ? 1 : 0 }),
})

const erase = method({
  name: 'admin.erase',
  summary: 'Erase the score of a room.',
  description:
    'Drops everything that was recorded of the drafts in a room, for good. The messages are kept. Recording goes on. Status 0 if there was nothing.',
  auth,
  params: z.object({ room }),
  result: statusResult,
  errors: ['unavailable'],
  async call(context, { room }) {
    return { status: (await adminOf(context).erase(room)) ? 1 : 0 }
  },
})

const discover = method({
  name: 'rpc.discover',
  summary: 'Describe all methods.',
  description:
    'Returns this OpenRPC document: every method with its parameters, results and errors. Refused in a batch.',
  auth,
  params: z.object({}),
  result: z.object({ openrpc: z.string() }).meta({ description: 'An OpenRPC document.' }),
  errors: [],
  readOnly: true,
  alone: true,
  call: () => adminDocument(),
})

/** The methods of the admin API. */
export const adminMethods: readonly Method[] = [rooms, participants, remove, close, open, hush, erase, discover]

let cachedDocument: OpenRpc | undefined

/** Describes the admin methods as an OpenRPC document. Built on the first call, then cached. */
export function adminDocument(): OpenRpc {
  cachedDocument ??= describeMethods(
    adminMethods,
    'The admin API of a midsentence server: POST /admin, with the admin token as "Authorization: Bearer …".',
  )
  return cachedDocument
}
