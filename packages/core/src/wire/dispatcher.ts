import type { Hub } from '../hub/hub-api.ts'
import { respondToText } from './json-rpc.ts'
import { methods } from './methods/all-methods.ts'
import type { Method } from './methods/method.ts'
import { RequestContext, type RpcCaller } from './request-context.ts'

/** JSON-RPC 2.0 in front of a hub, whatever carries the texts. */
export interface RpcDispatcher {
  /**
   * Answers one text, a request or a batch; undefined where there is nothing to answer. Its calls begin before this
   * returns, so the order of `dispatch` is the order of effects. Resolves when all have ended; never rejects.
   */
  dispatch(text: string, caller: RpcCaller): Promise<string | undefined>
}

export interface RpcDispatcherOptions {
  /** Is told what was answered as an internal error without being one of ours: for a log. Must not throw. */
  fault?(cause: unknown, method: string): void
}

/** A dispatcher of just these methods. */
export function rpcDispatcherOf(
  methods: readonly Method[],
  hub: Hub,
  options: RpcDispatcherOptions = {},
): RpcDispatcher {
  const table = new Map(methods.map(method => [method.name, method]))
  return {
    dispatch: (text, caller) =>
      respondToText(text, { methods: table, context: batch => new RequestContext(hub, caller, batch), ...options }),
  }
}

export const rpcDispatcher = (hub: Hub, options: RpcDispatcherOptions = {}): RpcDispatcher =>
  rpcDispatcherOf(methods, hub, options)
