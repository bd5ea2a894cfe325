import { MidsentenceError } from '@midsentence/core'
import type { ListedRoom } from '@midsentence/core/hub'
import { fetchText, type StreamFetch } from '@midsentence/transport-sse/client'

export interface ListRoomsOptions {
  readonly fetch?: StreamFetch
  readonly signal?: AbortSignal
}

/**
 * Resolves with the rooms that the server at `url` lists, those with the latest events first. Rejects with `unavailable` and
 * a sentence if it has no such list, or does not answer.
 *
 * @example
 * for (const { room, participants } of await listRooms('http://127.0.0.1:8890')) console.log(room, participants.length)
 */
export async function listRooms(url: string, options: ListRoomsOptions = {}): Promise<readonly ListedRoom[]> {
  const address = url.replace(/\/+$/, '')
  const { status, text } = await fetchText(`${address}/rooms`, options).catch(cause => {
    throw new MidsentenceError('unavailable', `The server at ${address} does not answer.`, { cause })
  })
  const rooms = status === 200 ? roomsIn(text) : undefined
  if (rooms) return rooms
  throw new MidsentenceError('unavailable', `The server at ${address} has no list of rooms (HTTP status ${status}).`)
}

function roomsIn(text: string): readonly ListedRoom[] | undefined {
  try {
    const { rooms } = Object(JSON.parse(text))
    return Array.isArray(rooms) && rooms.every(isListed) ? rooms : undefined
  } catch {
    return undefined
  }
}

const isListed = (value: unknown): boolean =>
  typeof Object(value).room === 'string' && Array.isArray(Object(value).participants)
