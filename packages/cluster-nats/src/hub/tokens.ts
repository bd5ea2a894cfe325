/**
 * A session's token with a hint of its room, so that any server finds the room's owner. The hint proves nothing and is not
 * secret; the owner is given the token without it.
 */
export const withRoom = (token: string, room: string): string => `${token}.${Buffer.from(room).toString('base64url')}`

/** Splits a token into the room it hints at and the token that its owner knows. Undefined if it has no hint. */
export function readHint(token: string): { readonly room: string; readonly token: string } | undefined {
  const dot = token.lastIndexOf('.')
  const room = Buffer.from(token.slice(dot + 1), 'base64url').toString()
  if (dot <= token.indexOf('.') || room === '') return undefined
  return { room, token: token.slice(0, dot) }
}
