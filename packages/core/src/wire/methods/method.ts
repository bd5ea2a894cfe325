import type * as z from 'zod'
import type { ErrorCode } from '../../errors.ts'
import type { CallOptions } from '../../hub/requests.ts'
import type { RpcMethod } from '../json-rpc.ts'
import type { RequestContext } from '../request-context.ts'
import { readParams } from './read-params.ts'

/** The description of a method, as in the OpenRPC document. */
interface MethodDescription<P, R> {
  readonly name: string
  /** One line. */
  readonly summary: string
  /** For callers, among them models. */
  readonly description: string
  /** Whether a call needs a session. */
  readonly auth: 'session' | 'none'
  readonly params: P
  readonly result: R
  /** Its error codes, besides those of every method. */
  readonly errors: readonly ErrorCode[]
}

interface MethodDefinition<P extends z.ZodObject, R extends z.ZodType> extends MethodDescription<P, R> {
  /** It changes nothing, so a notification of it does nothing. */
  readonly readOnly?: true
  /** Its points, if they differ from those of other calls. */
  readonly cost?: number
  /** It is refused in a batch: its answer is large. */
  readonly alone?: true
  call(context: RequestContext, params: z.output<P>, options: CallOptions): unknown
}

/** A method that a dispatcher can call. */
export type Method = MethodDescription<z.ZodObject, z.ZodType> & RpcMethod<RequestContext>

/** Defines a method. Its parameters are typed by their schema. */
export function method<P extends z.ZodObject, R extends z.ZodType>(definition: MethodDefinition<P, R>): Method {
  const { readOnly, call, ...description } = definition
  return {
    ...description,
    read(received) {
      const params = readParams(description.name, description.params, received)
      return (context, notification) =>
        readOnly && notification ? undefined : call(context, params, context.callOptions(notification))
    },
  }
}
