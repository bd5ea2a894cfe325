import type { Hub } from '../hub/hub-api.ts'
import { PreparedText, type RpcService } from './json-rpc.ts'
import { adminMethods } from './methods/admin-methods.ts'
import { methods } from './methods/all-methods.ts'
import type { Method } from './methods/method.ts'
import { RequestContext, type RpcCaller, tokenOfCaller } from './request-context.ts'

/** Answers JSON-RPC 2.0 texts, over any connection. */
export interface RpcDispatcher {
  /**
   * Answers a request or a batch; undefined if nothing is to be answered. Its calls start before it returns, so effects
   * come in the order of the `dispatch` calls. Resolves when all calls have ended; never rejects.
   */
  dispatch(text: string, caller: RpcCaller): Promise<string | undefined>
  /** Reads a request or a batch without running it, so that its cost is known before. */
  prepare(text: string): PreparedCalls
}

/** A request or a batch that was read and not run. */
export interface PreparedCalls {
  /** In points; see `callCosts`. */
  readonly cost: number
  /** Runs the calls, once, as `dispatch` does. */
  run(caller: RpcCaller): Promise<string | undefined>
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
  const service: RpcService<RequestContext> = { methods: table, ...options }
  const start = (prepared: PreparedText<RequestContext>, caller: RpcCaller) =>
    prepared.run(prepared.isRunnable ? new RequestContext(hub, caller, prepared.batch) : undefined)
  const run = (prepared: PreparedText<RequestContext>, caller: RpcCaller) => {
    const loading = roomOf(hub, caller)
    if (!loading) return start(prepared, caller)
    // A room that cannot be opened: the calls say so.
    return loading.catch(() => undefined).then(() => start(prepared, caller))
  }
  return {
    dispatch: (text, caller) => run(new PreparedText(text, service), caller),
    prepare(text) {
      const prepared = new PreparedText(text, service)
      return { cost: prepared.cost, run: caller => run(prepared, caller) }
    },
  }
}

/** Opens the room of a caller that left memory. Undefined if there is nothing to wait for. */
function roomOf(hub: Hub, caller: RpcCaller): Promise<void> | undefined {
  if (!hub.loadRoomOf || (caller.session && !caller.session.unloaded)) return undefined
  const token = tokenOfCaller(caller)
  return token === undefined ? undefined : hub.loadRoomOf(token)
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
