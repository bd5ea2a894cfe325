/** A server did not answer as HTTP has it: it hung, closed early, lied about what it sent, or is not there. */
export class HttpFailure extends Error {
  /** Nobody listens there at all. */
  readonly unreachable: boolean

  constructor(message: string, nobody = false) {
    super(message)
    this.unreachable = nobody
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

/** What became of a request, in a sentence, for what a socket says of it. */
export function httpFailure({ code = '', message }: NodeJS.ErrnoException, what: string): HttpFailure {
  if (unreachableCodes.has(code)) return new HttpFailure(`Nobody listens: ${what} could not be sent (${code}).`, true)
  if (code.startsWith('HPE_')) return new HttpFailure(`The server answered ${what} with something that is not HTTP.`)
  if (code === 'ECONNRESET' || code === 'EPIPE' || message === 'aborted')
    return new HttpFailure(`The server closed the connection before its answer to ${what} was complete.`)
  return new HttpFailure(`The server did not answer ${what}: ${message}.`)
}
