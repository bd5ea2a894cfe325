/** Input for creating a `NoResponseError`. */
export interface NoResponseDetails {
  /** Completes a sentence that names what failed: "…: nobody answers there". */
  readonly reason: string
  /** Whether the request may have had its effect. */
  readonly outcomeUnknown: boolean
  readonly status?: number
  /** Milliseconds after which the same request may succeed, if the server says so. */
  readonly retryAfterMs?: number
  /** Whether the connection was open, but no answer came in time. */
  readonly timedOut?: boolean
  /** The address that a redirect names. */
  readonly redirectTo?: string
  /** The sentence with which the server refused. */
  readonly refusal?: string
  readonly cause?: unknown
}

/** A request without an answer, or answered by something that is not a midsentence server. */
export class NoResponseError extends Error {
  readonly outcomeUnknown: boolean
  readonly status: number | undefined
  readonly retryAfterMs: number | undefined
  readonly timedOut: boolean
  readonly redirectTo: string | undefined
  readonly refusal: string | undefined

  constructor(details: NoResponseDetails) {
    super(details.reason, { cause: details.cause })
    this.outcomeUnknown = details.outcomeUnknown
    this.status = details.status
    this.retryAfterMs = details.retryAfterMs
    this.timedOut = details.timedOut ?? false
    this.redirectTo = details.redirectTo
    this.refusal = details.refusal
  }

  /** Whether the answer cannot come from a midsentence server. */
  get isWrongServer(): boolean {
    if (this.redirectTo !== undefined || this.refusal !== undefined) return false
    return this.status !== undefined && this.status !== 429 && this.status < 500
  }
}

/** Describes why a request failed before its answer. */
export function connectionFailed(cause: unknown): NoResponseError {
  if (cause instanceof NoResponseError) return cause
  const code = codeOf(cause)
  if (isConnectFailure(cause)) return new NoResponseError({ reason: unreachable(code), outcomeUnknown: false, cause })
  if (code !== undefined && /^(EPROTO$|ERR_SSL_|ERR_TLS_|UNABLE_TO_|.*CERT)/.test(code))
    return new NoResponseError({ reason: tlsFailure(code), outcomeUnknown: false, cause })
  if (code?.startsWith('HPE_'))
    return new NoResponseError({ reason: 'what answers there does not speak HTTP', outcomeUnknown: true, cause })
  return new NoResponseError({ reason: 'the connection broke before the answer', outcomeUnknown: true, cause })
}

function unreachable(code: string | undefined): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `no machine of that name can be found (${code})`
  if (code === undefined || code === 'ECONNREFUSED') return 'nobody answers there'
  return `the machine cannot be reached (${code})`
}

const tlsFailure = (code: string): string =>
  /^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG))$/.test(code)
    ? 'it does not speak TLS there (does the address begin with http:// or ws://?)'
    : `its certificate is not accepted (${code})`

/** Returns the code of a system error, also of one in a chain of causes. */
function codeOf(cause: unknown): string | undefined {
  const { code, cause: deeper, errors } = Object(cause) as { code?: unknown; cause?: unknown; errors?: unknown }
  if (typeof code === 'string') return code
  return codeOfAny(errors) ?? (deeper === undefined || deeper === cause ? undefined : codeOf(deeper))
}

const codeOfAny = (errors: unknown): string | undefined =>
  Array.isArray(errors) && errors.length > 0 ? codeOf(errors[0]) : undefined

/**
 * Describes an HTTP error status. With 5xx, except 503, a proxy may have forwarded the request, so its outcome is unknown.
 */
export function httpFailure(
  status: number,
  retryAfter: string | null,
  details: Pick<NoResponseDetails, 'redirectTo' | 'refusal'> = {},
): NoResponseError {
  const seconds = Number(retryAfter ?? Number.NaN)
  return new NoResponseError({
    reason: reasonOf(status, details),
    outcomeUnknown: status >= 500 && status !== 503,
    status,
    ...(seconds >= 0 && { retryAfterMs: seconds * 1000 }),
    ...details,
  })
}

function reasonOf(status: number, { redirectTo, refusal }: Pick<NoResponseDetails, 'redirectTo' | 'refusal'>): string {
  if (redirectTo !== undefined) return `the server redirects to ${redirectTo}`
  // The reason becomes part of a sentence, so drop its full stop.
  return refusal === undefined ? `the server answered ${status}` : `the server refuses: ${refusal.replace(/\.$/, '')}`
}

/** Describes that a connection is open and no answer came within `ms` milliseconds. */
export const noAnswerWithin = (ms: number, outcomeUnknown = true): NoResponseError =>
  new NoResponseError({
    reason: `no answer came within ${Math.round(ms / 100) / 10} seconds`,
    outcomeUnknown,
    timedOut: true,
  })

/**
 * Returns the address that a redirect names, without credentials, query and the `endpoint` that was called at `url`.
 * Undefined if `location` is absent or no address of a server.
 */
export function redirectTarget(location: string | null | undefined, url: string, endpoint: string): string | undefined {
  if (!location || !URL.canParse(location, url)) return undefined
  const { protocol, host, pathname } = new URL(location, url)
  if (!/^(http|ws)s?:$/.test(protocol)) return undefined
  const path = pathname.endsWith(endpoint) ? pathname.slice(0, -endpoint.length) : pathname
  return `${protocol}//${host}${path.replace(/\/+$/, '')}`.slice(0, 200)
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
  const { syscall, code, errors } = error as { syscall?: unknown; code?: unknown; errors?: unknown }
  if (syscall === 'connect' || syscall === 'getaddrinfo' || code === 'UND_ERR_CONNECT_TIMEOUT') return true
  if (Array.isArray(errors) && errors.length > 0) return errors.every(isConnectFailure)
  return isConnectFailure(error.cause)
}
