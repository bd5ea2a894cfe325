import { useEffect, useState } from 'preact/hooks'
import { serverAddress } from '../shared/server-address.ts'

/** A room that the server lists. */
export interface RoomOnServer {
  readonly room: string
  /** Names of those who are there. */
  readonly names: readonly string[]
  /** When something happened there: RFC 3339 in UTC. */
  readonly lastAt?: string | undefined
  readonly isRecorded: boolean
}

/** The most rooms that are shown, and the time between two requests, in milliseconds. */
const [MAX_ROOMS, PAUSE_MS] = [50, 10_000]

/**
 * Reads the answer of `GET /rooms`. Leaves out what is no room. `listRooms` of client would bring 1.3 kB of the client of event
 * streams into the first script, which would then be larger than its limit.
 */
export function readListedRooms(answer: unknown): readonly RoomOnServer[] {
  const { rooms } = Object(answer)
  if (!Array.isArray(rooms)) return []
  return rooms.slice(0, MAX_ROOMS).flatMap(value => {
    const { room, participants, last_at, recorded } = Object(value)
    if (typeof room !== 'string' || !Array.isArray(participants)) return []
    const names = participants.map(each => Object(each).sender_id).filter(name => typeof name === 'string')
    return [{ room, names, lastAt: typeof last_at === 'string' ? last_at : undefined, isRecorded: recorded === true }]
  })
}

/** Returns the rooms that the server lists, again every ten seconds. Undefined until it answers, and if it lists none. */
export function useListedRooms(): readonly RoomOnServer[] | undefined {
  const [rooms, setRooms] = useState<readonly RoomOnServer[]>()
  useEffect(() => {
    const abort = new AbortController()
    const ask = async () => {
      if (document.visibilityState === 'hidden') return
      const answer = await fetch(`${serverAddress()}/rooms`, { signal: abort.signal })
      // An older server, or one that lists nothing.
      if (answer.status === 404) clearInterval(timer)
      else if (answer.ok) setRooms(readListedRooms(await answer.json()))
    }
    const tryToAsk = () => void ask().catch(() => {})
    const timer = setInterval(tryToAsk, PAUSE_MS)
    tryToAsk()
    return () => {
      clearInterval(timer)
      abort.abort()
    }
  }, [])
  return rooms
}
