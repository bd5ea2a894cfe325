import { MidsentenceError } from '../errors.ts'
import type { Hub, HubSession } from '../hub/hub-api.ts'
import type { CallOptions, CursorSnapshot } from '../hub/requests.ts'
import type { Seq } from '../room/message.ts'
import type { RpcContext } from './json-rpc.ts'

/** The caller of a text, as its transport knows it. */
export interface RpcCaller {
  /** From the Authorization header, or the equivalent of the transport. */
  readonly token?: string | undefined
  /** The session that a socket is bound to. Takes precedence over `token`. */
  readonly session?: HubSession | undefined
  /** Aborts when the caller disconnects: a waiting check ends. Read only by calls that wait, so a getter may create it. */
  readonly signal?: AbortSignal | undefined
  /** The network address. Read only by join. */
  readonly address?: string | undefined
  /**
   * Called after a join, or a resume with a token. A socket binds to `session` and receives messages after `after`, by
   * default after the session's cursor. Rejects with `invalid-params` if `after` is above the seqs it was shown; the
   * binding then stays as it was. Rejects so too if the socket was bound to another session meanwhile.
   */
  joined?(session: HubSession, after?: Seq): void | Promise<void>
}

const noSessionMessage =
  'This method needs a session: call join first, then send its token as "Authorization: Bearer …", ' +
  'or use the socket that joined.'

/** The error for a join or resume that would bind a socket to a second session. */
export const boundSocketError = (): MidsentenceError =>
  new MidsentenceError('invalid-params', 'This socket belongs to another session: open another socket for this one.')

/** Whether both are one session, also if it left memory in between. */
export const isSameSession = (one: HubSession, other: HubSession): boolean =>
  one.joinResult.token === other.joinResult.token

/** The context of one text: all its calls use the same session, and in a batch the same cursor snapshot. */
export class RequestContext implements RpcContext {
  readonly hub: Hub
  readonly caller: RpcCaller
  readonly #batch: boolean
  readonly #cursorSnapshot: CursorSnapshot | undefined
  #session: HubSession | undefined
  #refused: unknown

  constructor(hub: Hub, caller: RpcCaller, batch: boolean) {
    this.hub = hub
    this.caller = caller
    this.#batch = batch
    // One that left memory is found again by its token.
    this.#session = caller.session?.unloaded ? undefined : caller.session
    if (batch && (caller.session || caller.token)) this.#cursorSnapshot = this.#snapshotCursor()
  }

  /** Returns the session of the caller. Throws `session-unknown`. */
  session(): HubSession {
    if (this.#refused !== undefined) throw this.#refused
    if (this.#session) return this.#session
    const token = tokenOfCaller(this.caller)
    if (!token) throw new MidsentenceError('session-unknown', noSessionMessage)
    try {
      this.#session = this.hub.enter(token)
    } catch (error) {
      this.#refused = error
      throw error
    }
    return this.#session
  }

  callOptions(notification: boolean): CallOptions {
    return new RequestCallOptions(this.caller, this.#cursorSnapshot, !this.#batch, notification)
  }

  charge(points: number): void {
    this.#session?.charge(points)
  }

  /** Takes the cursor snapshot; undefined without a session. Calls that need one then fail by themselves. */
  #snapshotCursor(): CursorSnapshot | undefined {
    try {
      return this.session().snapshotCursor()
    } catch {
      return undefined
    }
  }
}

/** The token that names the session of a caller. */
export const tokenOfCaller = ({ session, token }: RpcCaller): string | undefined => session?.joinResult.token ?? token

/** The options of one call. A class, since each object literal with a getter has its own hidden class. */
class RequestCallOptions implements CallOptions {
  readonly cursorSnapshot: CursorSnapshot | undefined
  readonly mayWait: boolean
  readonly notification: boolean
  readonly #caller: RpcCaller

  constructor(caller: RpcCaller, cursorSnapshot: CursorSnapshot | undefined, mayWait: boolean, notification: boolean) {
    this.#caller = caller
    this.cursorSnapshot = cursorSnapshot
    this.mayWait = mayWait
    this.notification = notification
  }

  /** A getter, since most calls do not wait and creating a signal is expensive. */
  get signal(): AbortSignal | undefined {
    return this.#caller.signal
  }
}
