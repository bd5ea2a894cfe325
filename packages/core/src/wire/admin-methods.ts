import * as z from 'zod'
import { MidsentenceError } from '../errors.ts'
import type { Hub, RoomAdmin } from '../hub/hub-api.ts'
import { type OpenRpc, openRpc } from './discover.ts'
import { type RpcDispatcher, type RpcDispatcherOptions, rpcDispatcherOf } from './dispatcher.ts'
import { type Method, method } from './method.ts'
import { forMs, room, username } from './parameters.ts'
import type { RequestContext } from './request-context.ts'
import { doneOrNot, participantInfos, removedAll, roomInfos } from './results.ts'

const needs = 'nothing'
const errors = ['room-unavailable'] as const

function adminOf({ hub }: RequestContext): RoomAdmin {
  if (hub.admin) return hub.admin
  throw new MidsentenceError('method-not-found', 'The rooms of this server have no keeper.')
}

const rooms = method({
  name: 'keeper.rooms',
  summary: 'Which rooms there are.',
  description: 'Every room that is open in this server or was closed by its keeper, and how many are in it.',
  needs,
  params: z.object({}),
  result: roomInfos,
  errors: [],
  asks: true,
  call: visit => ({ rooms: adminOf(visit).rooms() }),
})

const participants = method({
  name: 'keeper.participants',
  summary: 'Who is in a room.',
  description: 'The participants of a room, with the ids that logs name them by. Drafts are not shown.',
  needs,
  params: z.object({ room }),
  result: participantInfos,
  errors,
  asks: true,
  call: (visit, params) => ({ participants: adminOf(visit).participants(params.room) }),
})

const remove = method({
  name: 'keeper.remove',
  summary: 'Take a participant out of a room.',
  description:
    'Ends its session and its streams at once; what is in its draft is gone. Its name may not be used in the room for for_ms, ten minutes where that is left out. Status 0 where nobody of that name is there.',
  needs,
  params: z.object({ room, username, for_ms: forMs.exactOptional() }),
  result: doneOrNot,
  errors: [],
  async call(visit, { room, username, for_ms }) {
    return { status: (await adminOf(visit).remove(room, username, for_ms)) ? 1 : 0 }
  },
})

const close = method({
  name: 'keeper.close',
  summary: 'Close a room.',
  description:
    'Takes everybody out of a room and lets nobody in until keeper.open, or until the server is started anew. Its messages are kept.',
  needs,
  params: z.object({ room }),
  result: removedAll,
  errors: [],
  async call(visit, { room }) {
    return { status: 1, removed: await adminOf(visit).close(room) }
  },
})

const open = method({
  name: 'keeper.open',
  summary: 'Open a room that was closed.',
  description: 'Lets people in again. Status 0 where the room was not closed.',
  needs,
  params: z.object({ room }),
  result: doneOrNot,
  errors: [],
  call: (visit, { room }) => ({ status: adminOf(visit).open(room) ? 1 : 0 }),
})

const discover = method({
  name: 'rpc.discover',
  summary: 'Describe all methods.',
  description: 'This document: every method with its parameters, results and errors, as OpenRPC.',
  needs,
  params: z.object({}),
  result: z.object({ openrpc: z.string() }).meta({ description: 'An OpenRPC document.' }),
  errors: [],
  asks: true,
  call: () => adminDocument(),
})

const methods: readonly Method[] = [rooms, participants, remove, close, open, discover]

/**
 * What the keeper of a hub may do, in JSON-RPC 2.0. It asks nobody who they are: whoever puts it on a wire lets nobody
 * but the keeper reach it.
 */
export const adminDispatcher = (hub: Hub, options: RpcDispatcherOptions = {}): RpcDispatcher =>
  rpcDispatcherOf(methods, hub, options)

let written: OpenRpc | undefined

/** The keeper's methods as an OpenRPC document. */
export function adminDocument(): OpenRpc {
  written ??= openRpc(
    methods,
    'What the keeper of a midsentence server may do: POST /keeper, with the token of the keeper as "Authorization: Bearer …".',
  )
  return written
}
