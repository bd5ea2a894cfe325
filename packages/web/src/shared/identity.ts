import { readJoinedRooms, rememberJoinedRoom } from './joined-rooms.ts'
import { keyOf, tabStorage } from './storage.ts'

/** Credentials of this page, by room. They are lost with it, and never stored. */
const credentials = new Map<string, string>()

const nameKey = (room: string) => keyOf('name', room)
const elsewhereKey = (room: string) => keyOf('elsewhere', room)

/** Returns the name under which this tab is in `room`, or under which this browser was there last and did not leave. */
export function nameIn(room: string): string | undefined {
  const record = readJoinedRooms().find(found => found.room === room)
  return tabStorage.getItem(nameKey(room)) ?? (record && !record.left ? record.name : undefined)
}

/** Tells whether this tab itself entered `room`, not only another tab of this browser. */
export const hasOwnName = (room: string): boolean => tabStorage.getItem(nameKey(room)) !== null

/** Returns the storage key of the session of `name` in `room`. */
export const sessionKey = (room: string, name: string): string => keyOf('journal', room, name)

/** Remembers how to enter `room`. */
export function enterAs(room: string, name: string, credential: string): void {
  if (credential === '') credentials.delete(room)
  else credentials.set(room, credential)
  keepName(room, name)
}

/** Remembers that this tab is in `room`. */
export function keepName(room: string, name: string): void {
  tabStorage.setItem(nameKey(room), name)
  rememberJoinedRoom({ room, name, at: Date.now(), left: false })
}

/** Forgets that this tab is in `room`. */
export function leaveAs(room: string, name: string): void {
  tabStorage.removeItem(nameKey(room))
  credentials.delete(room)
  rememberJoinedRoom({ room, name, at: Date.now(), left: true })
}

/** Returns the credential for `room`, or that of another room of the same server. */
export const credentialFor = (room: string): string | undefined =>
  credentials.get(room) ?? credentials.values().next().value

/** Tells whether another tab has taken over the session of this one in `room`. */
export const isElsewhere = (room: string): boolean => tabStorage.getItem(elsewhereKey(room)) !== null

/** Remembers, over a reload, whether another tab has taken over. */
export function setElsewhere(room: string, on: boolean): void {
  if (on) tabStorage.setItem(elsewhereKey(room), '1')
  else tabStorage.removeItem(elsewhereKey(room))
}
