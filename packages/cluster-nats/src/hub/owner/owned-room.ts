import { isMidsentenceError } from '@midsentence/core'
import { type HubOptions, type LocalSession, openHub } from '@midsentence/core/hub'
import type { ClusterLogs } from '../../ports.ts'
import { ownerLost } from '../cluster-errors.ts'
import type { Lease } from './lease.ts'

/** A hub in this process. */
export type RoomHub = Awaited<ReturnType<typeof openHub>>

/** What a hub of one room is opened with, besides its logs. */
export type RoomHubOptions = Omit<HubOptions, 'log' | 'sessions' | 'scores' | 'onFailure'>

export interface OwnedRoomDeps {
  readonly id: string
  readonly logs: ClusterLogs
  readonly lease: Lease
  readonly options: RoomHubOptions
  /** Whether this server may take a room from an owner. */
  mayTake(owner: string | undefined): Promise<boolean>
  /** Called once, when this server does not own the room any more. */
  lost(room: string): void
}

/** A room that this server owns: a hub over the logs of this room alone, and the right to answer for it. */
export class OwnedRoom {
  readonly name: string
  readonly hub: RoomHub
  readonly #deps: OwnedRoomDeps
  /** The epoch of the lease in which the room was last known to have no other owner. */
  #epoch: number
  #confirming: Promise<void> | undefined
  /** Its log refused a write: another server owns it. */
  #refused = false
  #ended: Promise<void> | undefined

  private constructor(name: string, hub: RoomHub, epoch: number, deps: OwnedRoomDeps) {
    this.name = name
    this.hub = hub
    this.#epoch = epoch
    this.#deps = deps
  }

  /** Makes this server the owner of a room, and opens it. Rejects with `unavailable` if another server was first. */
  static async claim(name: string, deps: OwnedRoomDeps): Promise<OwnedRoom> {
    const { id, logs, lease, options } = deps
    await lease.confirmed()
    const { epoch } = lease
    const { log, sessions } = await logs.claim(name, id, owner => deps.mayTake(owner))
    let owned: OwnedRoom | undefined
    let failed = false
    const onFailure = () => {
      failed = true
      owned?.refused()
    }
    const hub = await openHub({ ...options, log, sessions, scores: logs.scores, onFailure })
    owned = new OwnedRoom(name, hub, epoch, deps)
    if (failed) owned.refused()
    return owned
  }

  /** Whether this server does not own it any more, as far as is known here. */
  get hasEnded(): boolean {
    return this.#ended !== undefined
  }

  /** Nobody has a place in it, and no session, ban or closure would be found here alone. */
  get isIdle(): boolean {
    const { admin } = this.hub
    const { rooms, unloadedRooms } = admin.load()
    return rooms + unloadedRooms === 0 && !admin.restricts
  }

  /** Returns the session of a token whose room is in memory; else a promise that rejects, as `answer` does. */
  enter(token: string): LocalSession | Promise<never> {
    try {
      return this.hub.enter(token)
    } catch (error) {
      return this.answer(Promise.reject(error))
    }
  }

  /** Resolves with the session of a token; opens the room if it left memory. Rejects with `session-unknown`. */
  async session(token: string): Promise<LocalSession> {
    await this.hub.loadRoomOf(token)
    return this.hub.enter(token)
  }

  /**
   * Gives an answer, or its error, once it is sure that no other server answered for the room meanwhile. Rejects with
   * `unavailable` and `data.unknown` if one may have.
   */
  answer<T>(answer: Promise<T>): Promise<T> {
    return answer.then(
      value => (this.#isSure ? value : this.#makeSure().then(() => value)),
      async error => {
        // The hub says by itself what is not known.
        if (!this.#isSure && !isUnavailable(error)) await this.#makeSure()
        throw error
      },
    )
  }

  /** Writes what is in progress, and gives the room up: another server may take it at once. */
  async release(): Promise<void> {
    await this.end()
    await this.#deps.logs.release(this.name, this.#deps.id)
  }

  /** Ends it here: streams end, and calls are refused. */
  end(): Promise<void> {
    this.#ended ??= Promise.resolve().then(async () => {
      this.#deps.lost(this.name)
      await this.hub.close()
    })
    return this.#ended
  }

  /** Ends it, since its log refused a write. */
  refused(): void {
    this.#refused = true
    this.end().catch(() => undefined)
  }

  get #isSure(): boolean {
    const { lease } = this.#deps
    return lease.holds && lease.epoch === this.#epoch && !this.#refused
  }

  async #makeSure(): Promise<void> {
    const { lease } = this.#deps
    while (!this.#isSure) {
      if (this.#refused) throw ownerLost()
      // The call was made: without a lease its answer is lost.
      await lease.confirmed().catch(error => {
        throw ownerLost(error)
      })
      if (lease.epoch !== this.#epoch) await this.#confirm(lease.epoch)
    }
  }

  /** Makes sure, by a record, that nobody else became the owner since an earlier epoch. */
  #confirm(epoch: number): Promise<void> {
    const { logs, id } = this.#deps
    this.#confirming ??= logs
      .confirm(this.name, id)
      .then(
        () => {
          this.#epoch = epoch
        },
        () => this.refused(),
      )
      .finally(() => {
        this.#confirming = undefined
      })
    return this.#confirming
  }
}

const isUnavailable = (error: unknown): boolean => isMidsentenceError(error) && error.code === 'unavailable'
