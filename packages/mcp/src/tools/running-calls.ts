import type { RoomClient } from '../room-client.ts'

/** The running calls of each client by request id, so that any instance can cancel them. */
const running = new WeakMap<RoomClient, Map<string | number, AbortController>>()

/** Cancels a running call of `client`, which another server for the same client may have begun. Returns whether it runs here. */
export function cancelCall(client: RoomClient, id: string | number): boolean {
  const call = running.get(client)?.get(id)
  call?.abort()
  return call !== undefined
}

/** Registers a call until `end`. The signal aborts with `signal`, and at a cancel of `id`. */
export function cancellable(client: RoomClient, id: string | number, signal: AbortSignal) {
  const calls = running.get(client) ?? new Map<string | number, AbortController>()
  running.set(client, calls)
  const controller = new AbortController()
  calls.set(id, controller)
  const end = () => {
    if (calls.get(id) === controller) calls.delete(id)
  }
  return { signal: AbortSignal.any([signal, controller.signal]), end }
}
