import type { IncomingMessage } from 'node:http'

/** True if the path of a target is `/ws`. */
export const isSocketPath = (target: string | undefined): target is string => target?.replace(/\?.*$/s, '') === '/ws'

const queryOf = (target: string): URLSearchParams => new URLSearchParams(/\?(.*)$/s.exec(target)?.[1])

/** Reads the token from the `Authorization` header or, for browsers, from `?token=`. */
export const tokenOf = ({ headers }: IncomingMessage, target: string): string | undefined =>
  /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? (queryOf(target).get('token') || undefined)

/** True for a socket that only makes calls and receives no room events. */
export const isCallsOnly = (target: string): boolean => queryOf(target).has('quiet')

/** Reads `?after=`: the seq to resume after. Undefined if absent or empty, NaN if not a seq. */
export function afterOf(target: string): number | undefined {
  const text = queryOf(target).getAll('after').join()
  if (text === '') return undefined
  const seq = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(seq) ? seq : Number.NaN
}
