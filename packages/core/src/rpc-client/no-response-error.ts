/** Input for creating a `NoResponseError`. */
export interface NoResponseDetails {
  /** Completes a sentence that names what failed: "…: nobody answers there". */
  readonly reason: string
  /** Whether the request may have had its effect. */
  readonly outcomeUnknown: boolean
  readonly status?: number
  /** Milliseconds after which the same request may succeed, if the server says so. */
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

/** A request without an answer, or answered by something that is not a midsentence server. */
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

  /** Whether the answer cannot come from a midsentence server. */
  get isWrongServer(): boolean {
    return this.status !== undefined && this.status !== 429 && this.status < 500
  }
}

/** Describes why a request failed before its answer. */
export function connectionFailed(cause: unknown): NoResponseError {
  if (cause instanceof NoResponseError) return cause
  if (isConnectFailure(cause))
    return new NoResponseError({ reason: 'nobody answers there', outcomeUnknown: false, cause })
  return new NoResponseError({ reason: 'the connection broke before the answer', outcomeUnknown: true, cause })
}

/**
 * Describes an HTTP error status. With 5xx, except 503, a proxy may have forwarded the request, so its outcome is unknown.
 */
export function httpFailure(status: number, retryAfter: string | null): NoResponseError {
  const seconds = Number(retryAfter ?? Number.NaN)
  return new NoResponseError({
    reason: `the server answered ${status}`,
    outcomeUnknown: status >= 500 && status !== 503,
    status,
    ...(seconds >= 0 && { retryAfterMs: seconds * 1000 }),
  })
}

/** Describes an answer that a midsentence server does not give. */
export const protocolError = (what: string, cause?: unknown): NoResponseError =>
  new NoResponseError({
    reason: `the server there is not a midsentence server: ${what}`,
    outcomeUnknown: true,
    status: 200,
    cause,
  })

/** Whether a request failed before there was a connection, so that it had no effect. */
export function isConnectFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { syscall, errors } = error as { syscall?: unknown; errors?: unknown }
  if (syscall === 'connect' || syscall === 'getaddrinfo') return true
  if (Array.isArray(errors) && errors.length > 0) return errors.every(isConnectFailure)
  return isConnectFailure(error.cause)
}
