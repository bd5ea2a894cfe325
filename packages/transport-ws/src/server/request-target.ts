import type { IncomingMessage } from 'node:http'

/** True if the path of a target is `/ws`. */
export const isSocketPath = (target: string | undefined): target is string => target?.replace(/\?.*$/s, '') === '/ws'

/** Returns the room of `/rooms/{room}/score`; undefined for other paths. */
export function scoreRoomOf(target: string | undefined): string | undefined {
  const room = /^\/rooms\/([^/?]+)\/score(?:\?|$)/.exec(target ?? '')?.[1]
  return room === undefined ? undefined : decoded(room)
}

/** Reads the credential of a watcher: the header, percent-encoded, or, for browsers, `?credential=`. */
export function credentialOf({ headers }: IncomingMessage, target: string): string | undefined {
  const bearer = /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  return bearer === undefined ? (queryOf(target).get('credential') ?? undefined) : decoded(bearer)
}

/** Decodes percent-encoding. Returns a malformed text unchanged. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const queryOf = (target: string): URLSearchParams => new URLSearchParams(/\?(.*)$/s.exec(target)?.[1])

/** Reads the token from the `Authorization` header or, for browsers, from `?token=`. */
export const tokenOf = ({ headers }: IncomingMessage, target: string): string | undefined =>
  /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? (queryOf(target).get('token') || undefined)

/** True for a socket that only makes calls and receives no room events. */
export const isCallsOnly = (target: string): boolean => queryOf(target).has('quiet')

/** Reads the number to resume after, a seq as `?after=` or a position as `?from=`. Undefined if absent or empty, else NaN. */
export function resumeOf(target: string, name: 'after' | 'from'): number | undefined {
  const text = queryOf(target).getAll(name).join()
  if (text === '') return undefined
  const seq = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(seq) ? seq : Number.NaN
}
