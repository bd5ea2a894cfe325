import type { WebSocket } from 'ws'

/**
 * The one thing this package knows of the inside of `ws`: how long a message of one socket may be, which otherwise holds
 * for all of a server's. False where that has changed: then what is too long is refused once it is there.
 */
export function limitFrames(socket: WebSocket, bytes: number): boolean {
  const receiver: unknown = Object(socket)._receiver
  if (typeof receiver !== 'object' || receiver === null || !('_maxPayload' in receiver)) return false
  if (typeof receiver._maxPayload !== 'number') return false
  receiver._maxPayload = bytes
  return true
}
