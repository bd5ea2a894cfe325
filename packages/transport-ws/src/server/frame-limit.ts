import type { WebSocket } from 'ws'

/**
 * Sets the message limit of one socket, in bytes. `ws` has a limit per server only, so this writes a private field of it.
 * Returns false if `ws` has changed; the connection then checks the length of a message after it arrived.
 */
export function limitFrames(socket: WebSocket, bytes: number): boolean {
  const receiver: unknown = Object(socket)._receiver
  if (typeof receiver !== 'object' || receiver === null || !('_maxPayload' in receiver)) return false
  if (typeof receiver._maxPayload !== 'number') return false
  receiver._maxPayload = bytes
  return true
}
