import type { Hub } from '../hub/hub-api.ts'
import { respondToText } from './json-rpc.ts'
import { adminMethods } from './methods/admin-methods.ts'
import { methods } from './methods/all-methods.ts'
import type { Method } from './methods/method.ts'
import { RequestContext, type RpcCaller } from './request-context.ts'

/** Answers JSON-RPC 2.0 texts, over any connection. */
export interface RpcDispatcher {
  /**
   * Answers a request or a batch; undefined if nothing is to be answered. Its calls start before it returns, so effects
   * come in the order of the `dispatch` calls. Resolves when all calls have ended; never rejects.
   */
  dispatch(text: string, caller: RpcCaller): Promise<string | undefined>
}

/** Options of a dispatcher. */
export interface RpcDispatcherOptions {
  /** Receives unexpected errors, answered as `internal`; for a log. Must not throw. */
  fault?(cause: unknown, method: string): void
}

/** Creates a dispatcher of `methods`. */
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

/**
 * Creates the dispatcher of the methods in docs/openrpc.json.
 *
 * @example
 * const dispatcher = rpcDispatcher(hub)
 * const response = await dispatcher.dispatch(body, { token })
 */
export const rpcDispatcher = (hub: Hub, options: RpcDispatcherOptions = {}): RpcDispatcher =>
  rpcDispatcherOf(methods, hub, options)

/** Creates the dispatcher of the admin API. It does not authenticate callers: expose it only to administrators. */
export const adminDispatcher = (hub: Hub, options: RpcDispatcherOptions = {}): RpcDispatcher =>
  rpcDispatcherOf(adminMethods, hub, options)
