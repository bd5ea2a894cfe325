import { assertRoomName } from '@midsentence/core/hub'

/**
 * A session's token with its room, so that any server finds the room's owner. The room proves nothing and is not secret; the
 * owner is given the token without it.
 */
export const withRoom = (token: string, room: string): string => `${token}.${room}`

/** Splits a token into its room and the token that the owner knows. Undefined if no server gave it. */
export function readHint(token: string): { readonly room: string; readonly token: string } | undefined {
  // A session and its proof, which have no dots, and a room.
  const [, own, room] = /^([^.]+\.[^.]+)\.(.+)$/s.exec(token) ?? []
  return own !== undefined && isRoomName(room!) ? { room: room!, token: own } : undefined
}

function isRoomName(room: string): boolean {
  try {
    assertRoomName(room)
    return true
  } catch {
    return false
  }
}
