import * as z from 'zod'
import { describeMethods, type OpenRpc } from './describe-methods.ts'
import { draftMethods } from './draft-methods.ts'
import { type Method, method } from './method.ts'
import { facts, rev } from './parameters.ts'
import { doneResult, statusResult, whoResult } from './results.ts'
import { join, leave, resume } from './session-methods.ts'

const who = method({
  name: 'who',
  summary: 'List the participants.',
  description: 'Lists the participants of the room and the current floor. away: no stream and no call for 30 s.',
  auth: 'session',
  params: z.object({}),
  result: whoResult,
  errors: [],
  readOnly: true,
  call: context => context.session().who(),
})

const yieldFloor = method({
  name: 'yield',
  summary: 'Give up the floor.',
  description: 'Ends your floor, so that waiting pushes of others are judged. Status 0 if you did not have it.',
  auth: 'session',
  params: z.object({}),
  result: statusResult,
  errors: [],
  call: context => ({ status: context.session().yield() ? 1 : 0 }),
})

const draft = method({
  name: 'draft',
  summary: 'Show observers a draft that your client keeps.',
  description:
    'Sends events of a draft that your client keeps to the observers of an observable room. Best sent as a notification. In other rooms it does nothing.',
  auth: 'session',
  params: z.object({ facts, rev }),
  result: doneResult,
  errors: [],
  call(context, params) {
    context.session().showDraft(params.facts, params.rev)
    return { status: 1 }
  },
})

const discover = method({
  name: 'rpc.discover',
  summary: 'Describe all methods.',
  description: 'Returns this OpenRPC document: every method with its parameters, results, errors and an example.',
  auth: 'none',
  params: z.object({}),
  result: z.object({ openrpc: z.string() }).meta({ description: 'An OpenRPC document.' }),
  errors: [],
  readOnly: true,
  call: () => openRpc(),
})

/** All methods of a session and of join. */
export const methods: readonly Method[] = [join, resume, ...draftMethods, who, yieldFloor, draft, leave, discover]

let cachedDocument: OpenRpc | undefined

/** Describes all methods as an OpenRPC document. Built on the first call, then cached. */
export function openRpc(): OpenRpc {
  cachedDocument ??= describeMethods(methods)
  return cachedDocument
}
