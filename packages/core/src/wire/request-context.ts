import { MidsentenceError } from '../errors.ts'
import type { Hub, HubSession } from '../hub/hub-api.ts'
import type { CallOptions, CursorSnapshot } from '../hub/requests.ts'
import type { Seq } from '../room/message.ts'

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
   * binding then stays as it was.
   */
  joined?(session: HubSession, after?: Seq): void | Promise<void>
}

const noSessionMessage =
  'This method needs a session: call join first, then send its token as "Authorization: Bearer …", ' +
  'or use the socket that joined.'

/** The context of one text: all its calls use the same session, and in a batch the same cursor snapshot. */
export class RequestContext {
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
    this.#session = caller.session
    if (batch && (caller.session || caller.token)) this.#cursorSnapshot = this.#snapshotCursor()
  }

  /** Returns the session of the caller. Throws `session-unknown`. */
  session(): HubSession {
    if (this.#refused !== undefined) throw this.#refused
    if (this.#session) return this.#session
    if (!this.caller.token) throw new MidsentenceError('session-unknown', noSessionMessage)
    try {
      this.#session = this.hub.enter(this.caller.token)
    } catch (error) {
      this.#refused = error
      throw error
    }
    return this.#session
  }

  callOptions(notification: boolean): CallOptions {
    return new RequestCallOptions(this.caller, this.#cursorSnapshot, !this.#batch, notification)
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
