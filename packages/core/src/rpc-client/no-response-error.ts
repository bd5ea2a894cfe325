export interface NoResponseDetails {
  /** The end of a sentence that begins with what is lost: "…: nobody answers there". */
  readonly reason: string
  /** The request may have had its effect all the same. */
  readonly outcomeUnknown: boolean
  readonly status?: number
  /** Milliseconds after which the same request may do better, where the other side says so. */
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

/** A request that was not answered, or by something that is not a midsentence server. */
export class NoResponseError extends Error {
  readonly outcomeUnknown: boolean
  readonly status: number | undefined
  readonly retryAfterMs: number | undefined

  constructor({ reason, outcomeUnknown, status, retryAfterMs, cause }: NoResponseDetails) {
    super(reason, { cause })
    this.outcomeUnknown = outcomeUnknown
    this.status = status
    this.retryAfterMs = retryAfterMs
  }

  /** Something answered, and not as a midsentence server does. */
  get isWrongServer(): boolean {
    return this.status !== undefined && this.status !== 429 && this.status < 500
  }
}

/** Why a request failed on its way. */
export function connectionFailed(cause: unknown): NoResponseError {
  if (cause instanceof NoResponseError) return cause
  if (isConnectFailure(cause))
    return new NoResponseError({ reason: 'nobody answers there', outcomeUnknown: false, cause })
  return new NoResponseError({ reason: 'the connection broke before the answer', outcomeUnknown: true, cause })
}

/** An answer with a status that says: not done. Whoever answers 5xx may have passed it on before, but for 503. */
export function httpFailure(status: number, retryAfter: string | null): NoResponseError {
  const seconds = Number(retryAfter ?? Number.NaN)
  return new NoResponseError({
    reason: `the server answered ${status}`,
    outcomeUnknown: status >= 500 && status !== 503,
    status,
    ...(seconds >= 0 && { retryAfterMs: seconds * 1000 }),
  })
}

/** An answer that a midsentence server does not give. */
export const protocolError = (what: string, cause?: unknown): NoResponseError =>
  new NoResponseError({
    reason: `what answers there is not a midsentence server: ${what}`,
    outcomeUnknown: true,
    status: 200,
    cause,
  })

/** Did this request fail before there was a connection, so that it certainly had no effect? */
export function isConnectFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { syscall, errors } = error as { syscall?: unknown; errors?: unknown }
  if (syscall === 'connect' || syscall === 'getaddrinfo') return true
  if (Array.isArray(errors) && errors.length > 0) return errors.every(isConnectFailure)
  return isConnectFailure(error.cause)
}
