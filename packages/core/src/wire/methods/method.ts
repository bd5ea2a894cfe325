import type * as z from 'zod'
import type { ErrorCode } from '../../errors.ts'
import type { CallOptions } from '../../hub/requests.ts'
import type { RpcMethod } from '../json-rpc.ts'
import type { RequestContext } from '../request-context.ts'
import { readParams } from './read-params.ts'

/** All there is to say about one method. */
interface MethodDescription<P, R> {
  readonly name: string
  /** One line. */
  readonly summary: string
  /** For whoever calls it, a model among them. */
  readonly description: string
  /** Who may call it: whoever has a session, or anybody. */
  readonly needs: 'session' | 'nothing'
  readonly params: P
  readonly result: R
  /** What it fails with, besides what every call may fail with. */
  readonly errors: readonly ErrorCode[]
}

interface MethodDefinition<P extends z.ZodObject, R extends z.ZodType> extends MethodDescription<P, R> {
  /** It only asks: as a notification it does nothing. */
  readonly asks?: true
  /** Makes the call. */
  call(visit: RequestContext, params: z.output<P>, manner: CallOptions): unknown
}

/** A method of the table: what it is, and how a call of it is read. */
export type Method = MethodDescription<z.ZodObject, z.ZodType> & RpcMethod<RequestContext>

/** An entry of the table, its parameters typed by their schema. */
export function method<P extends z.ZodObject, R extends z.ZodType>(definition: MethodDefinition<P, R>): Method {
  const { asks, call, ...description } = definition
  return {
    ...description,
    read(came) {
      const params = readParams(description.name, description.params, came)
      return (visit, notification) =>
        asks && notification ? undefined : call(visit, params, visit.callOptions(notification))
    },
  }
}
