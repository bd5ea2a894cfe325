import { MidsentenceError } from '../errors.ts'
import type { Hub, HubSession } from '../hub/hub-api.ts'
import type { CallOptions, CursorSnapshot } from '../hub/requests.ts'
import type { Seq } from '../room/message.ts'

/** Who calls. */
export interface RpcCaller {
  /** From the Authorization header, or wherever its transport has it. */
  readonly token?: string | undefined
  /** The session a socket is bound to. Goes before `token`. */
  readonly session?: HubSession | undefined
  /** The caller went away: a waiting check ends. Read only by calls that wait: it may be made when it is asked for. */
  readonly signal?: AbortSignal | undefined
  /** Where it calls from. Read only by a join. */
  readonly address?: string | undefined
  /**
   * A join, or a resume with a token, gave this session: a socket is bound to it from now on, and hears its room from
   * behind `after` (else the session's cursor). Rejects with `invalid-params` where that was never given: it stays as it was.
   */
  joined?(session: HubSession, after?: Seq): void | Promise<void>
}

const noSessionMessage =
  'This needs a session: call join first, then send the token it gives as "Authorization: Bearer …", ' +
  'or go on over the socket that joined.'

/** One text from one caller: all its calls are made by the same session, and in a batch with what it knew before. */
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

  /** The session of the caller. Throws `session-unknown`. */
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

  /** What the session knows now; nothing where there is none, which each call that needs one finds out by itself. */
  #snapshotCursor(): CursorSnapshot | undefined {
    try {
      return this.session().snapshotCursor()
    } catch {
      return undefined
    }
  }
}

/** How one call is to be taken. A class, since an object with a getter of its own has a shape of its own. */
class RequestCallOptions implements CallOptions {
  readonly cursorSnapshot: CursorSnapshot | undefined
  readonly mayWait: boolean
  readonly notification: boolean
  readonly #caller: RpcCaller

  constructor(caller: RpcCaller, arrival: CursorSnapshot | undefined, waits: boolean, silent: boolean) {
    this.#caller = caller
    this.cursorSnapshot = arrival
    this.mayWait = waits
    this.notification = silent
  }

  /** Asked for by calls that wait: most do not, and a signal costs as much as some of them. */
  get signal(): AbortSignal | undefined {
    return this.#caller.signal
  }
}
