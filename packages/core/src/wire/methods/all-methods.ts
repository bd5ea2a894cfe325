import * as z from 'zod'
import { describeMethods, type OpenRpc } from './describe-methods.ts'
import { actions } from './draft-methods.ts'
import { type Method, method } from './method.ts'
import { facts, rev } from './parameters.ts'
import { doneResult, statusResult, whoResult } from './results.ts'
import { join, leave, resume } from './session-methods.ts'

const who = method({
  name: 'who',
  summary: 'Who is here.',
  description: 'The participants of the room, and who has the floor. Who is away may come back.',
  needs: 'session',
  params: z.object({}),
  result: whoResult,
  errors: [],
  asks: true,
  call: visit => visit.session().who(),
})

const yieldFloor = method({
  name: 'yield',
  summary: 'Give up the floor.',
  description: 'Lets the others speak who wait for your floor to end. Status 0 where you did not have it.',
  needs: 'session',
  params: z.object({}),
  result: statusResult,
  errors: [],
  call: visit => ({ status: visit.session().yield() ? 1 : 0 }),
})

const draft = method({
  name: 'draft',
  summary: 'Show observers a draft you keep yourself.',
  description:
    'In an observable room, tells the observers what happened to a draft that is kept on your side. Best sent as a notification; elsewhere it does nothing.',
  needs: 'session',
  params: z.object({ facts, rev }),
  result: doneResult,
  errors: [],
  call(visit, params) {
    visit.session().showDraft(params.facts, params.rev)
    return { status: 1 }
  },
})

const discover = method({
  name: 'rpc.discover',
  summary: 'Describe all methods.',
  description: 'This document: every method with its parameters, results, errors and an example, as OpenRPC.',
  needs: 'nothing',
  params: z.object({}),
  result: z.object({ openrpc: z.string() }).meta({ description: 'An OpenRPC document.' }),
  errors: [],
  asks: true,
  call: () => openRpc(),
})

/** The table: everything that can be called. */
export const methods: readonly Method[] = [join, resume, ...actions, who, yieldFloor, draft, leave, discover]

let cachedDocument: OpenRpc | undefined

/** The table as an OpenRPC document, written when it is first asked for. */
export function openRpc(): OpenRpc {
  cachedDocument ??= describeMethods(methods)
  return cachedDocument
}
