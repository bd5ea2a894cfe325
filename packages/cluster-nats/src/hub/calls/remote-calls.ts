import { type Cancel, type Clock, MidsentenceError } from '@midsentence/core'
import type { CallOptions, CursorSnapshot } from '@midsentence/core/hub'
import type { ClusterCounters } from '../cluster-counters.ts'
import { ownerLost } from '../cluster-errors.ts'
import type { CarriedOptions, Item } from './frames.ts'
import { decodeValue } from './stream-events.ts'

/** What a call rejects with if its room is not at the server any more: nothing was done. */
export const moved = Symbol('moved')

/** A call to the owner of a room. */
export interface RemoteCall {
  readonly room: string
  readonly method: string
  readonly args: readonly unknown[]
  readonly token?: string
  readonly options?: CallOptions
  /** Whether the call waits by itself, so that it learns when its caller is gone. */
  readonly waits?: boolean
  /** After how long it counts as lost, in milliseconds. Default: once the server or a frame is lost, since a call may wait long. */
  readonly limit_ms?: number
}

/** Receives the events of a stream from another server. */
export interface RemoteListener {
  event(kind: string, value: unknown): void
  /** The server ended, or events were lost. */
  lost(): void
}

interface Waiting {
  readonly server: string
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** The cursor snapshot of a session elsewhere: its owner takes it with the first call that brings it. */
export class RemoteSnapshot implements CursorSnapshot {
  readonly cursor: number
  readonly shown: number
  readonly number: number

  constructor(cursor: number, number: number) {
    this.cursor = cursor
    this.shown = cursor
    this.number = number
  }
}

/** The calls and streams that this server has at others. */
export class RemoteCalls {
  readonly #send: (to: string, item: Item) => void
  readonly #clock: Clock
  readonly #counters: ClusterCounters
  readonly #waiting = new Map<number, Waiting>()
  readonly #streams = new Map<number, { readonly server: string; readonly listener: RemoteListener }>()
  #ids = 0
  #snapshots = 0

  constructor(clock: Clock, counters: ClusterCounters, send: (to: string, item: Item) => void) {
    this.#clock = clock
    this.#counters = counters
    this.#send = send
  }

  isBusyWith(server: string): boolean {
    for (const each of this.#waiting.values()) if (each.server === server) return true
    for (const each of this.#streams.values()) if (each.server === server) return true
    return false
  }

  snapshot(cursor: number): RemoteSnapshot {
    return new RemoteSnapshot(cursor, ++this.#snapshots)
  }

  /**
   * Resolves with the answer. Rejects with the owner's error; with `moved` if nothing was done; or with `unavailable` and
   * `data.unknown` if the server or a frame was lost, or `limit_ms` passed.
   */
  call(server: string, call: RemoteCall): Promise<unknown> {
    const id = ++this.#ids
    this.#counters.callsSent++
    const { room, method, token, options, waits, limit_ms } = call
    // JSON would make null of an argument that is not given.
    const args = call.args.filter(arg => arg !== undefined)
    // Reading a signal may create it.
    const signal = waits ? options?.signal : undefined
    let timer: Cancel | undefined
    const cancel = () => this.#send(server, { t: 'cancel', id })
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { server, resolve, reject })
      if (limit_ms !== undefined) timer = this.#clock.after(limit_ms, () => reject(ownerLost()))
      const carried = carriedOf(options)
      this.#send(server, {
        ...{ t: 'call', id, room, method, args },
        ...(token !== undefined && { token }),
        ...(carried && { options: carried }),
      })
      if (signal?.aborted) cancel()
      else signal?.addEventListener('abort', cancel, { once: true })
    })
    return answer.finally(() => {
      timer?.()
      this.#waiting.delete(id)
      signal?.removeEventListener('abort', cancel)
    })
  }

  /** Returns the number of a new stream. Its events come from now on. */
  openStream(server: string, listener: RemoteListener): number {
    const id = ++this.#ids
    this.#streams.set(id, { server, listener })
    return id
  }

  resume(stream: number, taken?: number): void {
    const server = this.#streams.get(stream)?.server
    if (server) this.#send(server, { t: 'resume', stream, ...(taken !== undefined && { taken }) })
  }

  closeStream(stream: number): void {
    const server = this.#streams.get(stream)?.server
    if (!server) return
    this.#streams.delete(stream)
    this.#send(server, { t: 'close', stream })
  }

  receive(item: Item): void {
    if (item.t === 'event') {
      const value = decodeValue(item.kind, item.value)
      for (const id of item.streams) this.#streams.get(id)?.listener.event(item.kind, value)
    } else if (item.t === 'done') this.#waiting.get(item.id)?.resolve(item.value)
    else if (item.t === 'moved') this.#waiting.get(item.id)?.reject(moved)
    else if (item.t === 'failed') {
      const { code, message, data } = item.error
      this.#waiting.get(item.id)?.reject(new MidsentenceError(code, message, { data }))
    }
  }

  /** Ends all calls and streams. */
  close(): void {
    this.#end(() => true)
  }

  /** Nothing between this server and another goes on. */
  lost(server: string): void {
    this.#end(at => at === server)
  }

  #end(has: (server: string) => boolean): void {
    for (const each of this.#waiting.values()) if (has(each.server)) each.reject(ownerLost())
    for (const [id, { server, listener }] of this.#streams) {
      if (!has(server)) continue
      this.#streams.delete(id)
      listener.lost()
    }
  }
}

function carriedOf(options: CallOptions | undefined): CarriedOptions | undefined {
  if (!options) return undefined
  const { notification, mayWait, concurrent, cursorSnapshot } = options
  return {
    ...(notification && { notification }),
    ...(mayWait === false && { mayWait }),
    ...(concurrent && { concurrent }),
    ...(cursorSnapshot instanceof RemoteSnapshot && { snapshot: cursorSnapshot.number }),
    ...(cursorSnapshot && !(cursorSnapshot instanceof RemoteSnapshot) && { cursorSnapshot }),
  }
}
