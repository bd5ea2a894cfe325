import * as z from 'zod'
import { JsonText } from '../responses.ts'
import { describeMethods, type OpenRpc } from './describe-methods.ts'
import { draftMethods } from './draft-methods.ts'
import { type Method, method } from './method.ts'
import { facts, on, rev, writing as writingParameter } from './parameters.ts'
import { doneResult, statusResult, whoResult } from './results.ts'
import { join, leave, resume } from './session-methods.ts'

const who = method({
  name: 'who',
  summary: 'List the participants.',
  description:
    'Lists the participants of the room and the current floor. away: no stream and no call for 30 s. writing: the draft changed lately.',
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
  call: async context => ({ status: (await context.session().yield()) ? 1 : 0 }),
})

const hush = method({
  name: 'hush',
  summary: 'Silence the models of your room.',
  description:
    'Until a person sends a message, or calls hush with on: false, a push of any other participant fails with 40003, and its draft stays. Fails with 40004 unless you are a person. Status 0 if nothing changed.',
  auth: 'session',
  params: z.object({ on }),
  result: statusResult,
  errors: ['content-policy', 'rate-limited'],
  call: async (context, params) => ({ status: (await context.session().hush(params.on)) ? 1 : 0 }),
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

const writing = method({
  name: 'writing',
  summary: 'Tell whether you are writing.',
  description:
    'For a client that keeps the draft itself: others see that you are writing, but no text. Send true after a change of the draft, and again at most every 10 s while it changes; send false when it is empty. It ends by itself after 60 s, and with your message. Best sent as a notification. Not needed in an observable room, or for a draft on the server.',
  auth: 'session',
  params: z.object({ writing: writingParameter }),
  result: doneResult,
  errors: [],
  call(context, params) {
    context.session().showWriting(params.writing)
    return { status: 1 }
  },
})

const discover = method({
  name: 'rpc.discover',
  summary: 'Describe all methods.',
  description:
    'Returns this OpenRPC document: every method with its parameters, results, errors and an example. Refused in a batch.',
  auth: 'none',
  params: z.object({}),
  result: z.object({ openrpc: z.string() }).meta({ description: 'An OpenRPC document.' }),
  errors: [],
  readOnly: true,
  alone: true,
  call: () => openRpcText(),
})

/** All methods of a session and of join. */
export const methods: readonly Method[] = [
  join,
  resume,
  ...draftMethods,
  who,
  yieldFloor,
  hush,
  draft,
  writing,
  leave,
  discover,
]

let cachedDocument: OpenRpc | undefined

/** Describes all methods as an OpenRPC document. Built on the first call, then cached. */
export function openRpc(): OpenRpc {
  cachedDocument ??= describeMethods(methods)
  return cachedDocument
}

let cachedText: JsonText | undefined

/** The document as text, serialized once. */
const openRpcText = (): JsonText => {
  cachedText ??= new JsonText(openRpc())
  return cachedText
}
