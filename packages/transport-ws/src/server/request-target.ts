import type { IncomingMessage } from 'node:http'

/** Path and query of a request's target, which may be a whole URL. */
const targetOf = ({ url = '' }: IncomingMessage): string => url.replace(/^https?:\/\/[^/?]*/i, '')

/** Is it this package's address? */
export const isSocketPath = (req: IncomingMessage): boolean => targetOf(req).replace(/\?.*$/s, '') === '/ws'

const queryOf = (req: IncomingMessage): URLSearchParams => new URLSearchParams(/\?(.*)$/s.exec(targetOf(req))?.[1])

/** The token of the `Authorization` header, or of the query where a header cannot be set. */
export const tokenOf = (req: IncomingMessage): string | undefined =>
  /^bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1] ?? (queryOf(req).get('token') || undefined)

/** A socket for calls alone: it hears nothing of its room. */
export const isCallsOnly = (req: IncomingMessage): boolean => queryOf(req).has('quiet')

/** The seq to go on behind: undefined where none is named, NaN where what is named is no seq. */
export function afterOf(req: IncomingMessage): number | undefined {
  const named = queryOf(req).getAll('after')
  if (named.length === 0) return undefined
  const seq = /^\d{1,16}$/.test(named.join()) ? Number(named.join()) : Number.NaN
  return Number.isSafeInteger(seq) ? seq : Number.NaN
}
