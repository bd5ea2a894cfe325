import { keyOf, readJson, storage, writeJson } from './storage.ts'

/** A room in which this browser has been. */
export interface JoinedRoomRecord {
  readonly room: string
  /** The name there. */
  readonly name: string
  /** When it was last entered, in milliseconds since 1970. */
  readonly at: number
  /** Whether it was left: then a link to the room asks for the name first. */
  readonly left: boolean
}

const MAX_ROOMS = 20

/** Returns the rooms in which this browser has been, the last one first. */
export function readJoinedRooms(): readonly JoinedRoomRecord[] {
  const found = readJson(storage, keyOf('rooms'))
  return Array.isArray(found) ? found.filter(isJoinedRoom) : []
}

/** Puts a room first, in place of its earlier record. */
export function rememberJoinedRoom(record: JoinedRoomRecord): void {
  const others = readJoinedRooms().filter(({ room }) => room !== record.room)
  writeJson(storage, keyOf('rooms'), [record, ...others].slice(0, MAX_ROOMS))
}

function isJoinedRoom(value: unknown): value is JoinedRoomRecord {
  const { room, name, at, left } = Object(value)
  return typeof room === 'string' && typeof name === 'string' && typeof at === 'number' && typeof left === 'boolean'
}
