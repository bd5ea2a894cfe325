/** A server did not answer as HTTP has it: it hung, closed early, lied about what it sent, or is not there. */
export class Unanswered extends Error {
  /** Nobody listens there at all. */
  readonly nobody: boolean

  constructor(message: string, nobody = false) {
    super(message)
    this.nobody = nobody
  }
}

export const isUnanswered = (error: unknown): error is Unanswered => error instanceof Unanswered

const nobody = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'])

/** What became of a request, in a sentence, for what a socket says of it. */
export function unanswered({ code = '', message }: NodeJS.ErrnoException, what: string): Unanswered {
  if (nobody.has(code)) return new Unanswered(`Nobody listens: ${what} could not be sent (${code}).`, true)
  if (code.startsWith('HPE_')) return new Unanswered(`The server answered ${what} with something that is not HTTP.`)
  if (code === 'ECONNRESET' || code === 'EPIPE' || message === 'aborted')
    return new Unanswered(`The server closed the connection before its answer to ${what} was complete.`)
  return new Unanswered(`The server did not answer ${what}: ${message}.`)
}
