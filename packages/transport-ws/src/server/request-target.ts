import type { IncomingMessage } from 'node:http'

/** Returns path and query of a request's target, which may be an absolute URL. */
const targetOf = ({ url = '' }: IncomingMessage): string => url.replace(/^https?:\/\/[^/?]*/i, '')

/** True if the path is `/ws`. */
export const isSocketPath = (req: IncomingMessage): boolean => targetOf(req).replace(/\?.*$/s, '') === '/ws'

const queryOf = (req: IncomingMessage): URLSearchParams => new URLSearchParams(/\?(.*)$/s.exec(targetOf(req))?.[1])

/** Reads the token from the `Authorization` header or, for browsers, from `?token=`. */
export const tokenOf = (req: IncomingMessage): string | undefined =>
  /^bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1] ?? (queryOf(req).get('token') || undefined)

/** True for a socket that only makes calls and receives no room events. */
export const isCallsOnly = (req: IncomingMessage): boolean => queryOf(req).has('quiet')

/** Reads `?after=`: the seq to resume after. Undefined if absent, NaN if not a seq. */
export function afterOf(req: IncomingMessage): number | undefined {
  const values = queryOf(req).getAll('after')
  if (values.length === 0) return undefined
  const seq = /^\d{1,16}$/.test(values.join()) ? Number(values.join()) : Number.NaN
  return Number.isSafeInteger(seq) ? seq : Number.NaN
}
