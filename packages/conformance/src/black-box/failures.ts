import { MidsentenceError } from '@midsentence/core'

/** The server did not answer as HTTP requires: it hung, closed early, sent something invalid, or is not there. */
export class HttpFailure extends Error {
  /** No server listens at the address. */
  readonly unreachable: boolean

  constructor(message: string, unreachable = false) {
    super(message)
    this.unreachable = unreachable
  }
}

export const isHttpFailure = (error: unknown): error is HttpFailure => error instanceof HttpFailure

const unreachableCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
])

/** Turns a socket error into a sentence. `what` names the request in it. */
export function httpFailure({ code = '', message }: NodeJS.ErrnoException, what: string): HttpFailure {
  if (unreachableCodes.has(code))
    return new HttpFailure(`No server listens: ${what} could not be sent (${code}).`, true)
  if (code.startsWith('HPE_')) return new HttpFailure(`The server answered ${what} with something that is not HTTP.`)
  if (code === 'ECONNRESET' || code === 'EPIPE' || message === 'aborted')
    return new HttpFailure(`The server closed the connection before its answer to ${what} was complete.`)
  return new HttpFailure(`The server did not answer ${what}: ${message}.`)
}

/** Makes the `unavailable` error of a run that could check nothing. `sentence` says what to start. */
export const cannotRun = (sentence: string): MidsentenceError => new MidsentenceError('unavailable', sentence)

/** Returns the text of an error that a rule threw, as the report shows it. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // A rule read a member that the answer does not have.
  return error instanceof TypeError ? `an answer lacks a member (${error.message})` : error.message
}
