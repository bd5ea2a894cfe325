import { MidsentenceError } from '../errors.ts'
import type { Hub, HubSession } from '../hub/application.ts'
import type { Arrival, Manner } from '../hub/requests.ts'
import type { Seq } from '../room/message.ts'

/** Who calls. */
export interface Caller {
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

const nobody =
  'This needs a session: call join first, then send the token it gives as "Authorization: Bearer …", ' +
  'or go on over the socket that joined.'

/** One text from one caller: all its calls are made by the same session, and in a batch with what it knew before. */
export class Visit {
  readonly hub: Hub
  readonly caller: Caller
  readonly #batch: boolean
  readonly #arrival: Arrival | undefined
  #session: HubSession | undefined
  #refused: unknown

  constructor(hub: Hub, caller: Caller, batch: boolean) {
    this.hub = hub
    this.caller = caller
    this.#batch = batch
    this.#session = caller.session
    if (batch && (caller.session || caller.token)) this.#arrival = this.#arrive()
  }

  /** The session of the caller. Throws `session-unknown`. */
  session(): HubSession {
    if (this.#refused !== undefined) throw this.#refused
    if (this.#session) return this.#session
    if (!this.caller.token) throw new MidsentenceError('session-unknown', nobody)
    try {
      this.#session = this.hub.enter(this.caller.token)
    } catch (error) {
      this.#refused = error
      throw error
    }
    return this.#session
  }

  manner(notification: boolean): Manner {
    return new CallManner(this.caller, this.#arrival, !this.#batch, notification)
  }

  /** What the session knows now; nothing where there is none, which each call that needs one finds out by itself. */
  #arrive(): Arrival | undefined {
    try {
      return this.session().arrive()
    } catch {
      return undefined
    }
  }
}

/** How one call is to be taken. A class, since an object with a getter of its own has a shape of its own. */
class CallManner implements Manner {
  readonly arrival: Arrival | undefined
  readonly waits: boolean
  readonly silent: boolean
  readonly #caller: Caller

  constructor(caller: Caller, arrival: Arrival | undefined, waits: boolean, silent: boolean) {
    this.#caller = caller
    this.arrival = arrival
    this.waits = waits
    this.silent = silent
  }

  /** Asked for by calls that wait: most do not, and a signal costs as much as some of them. */
  get signal(): AbortSignal | undefined {
    return this.#caller.signal
  }
}
