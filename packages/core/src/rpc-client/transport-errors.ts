import { MidsentenceError } from '../errors.ts'
import type { NoResponseError } from './no-response-error.ts'

const start = 'start one there (npx midsentence serve, with its --host and --port), or check the address'
const restart = 'restart it with npx midsentence serve if trying again does not help'

/** Creates the errors of a transport; each message says what to do. */
export const transportErrors = {
  closed: () => new MidsentenceError('session-unknown', 'The connection to the room is closed. Join again to go on.'),

  sessionEnded: (reason: string) => new MidsentenceError('session-unknown', reason),

  /** `unknown`: the request may have had its effect. `tried` names all addresses. */
  connectFailed(url: string, cause: NoResponseError, unknown = false, tried = url): MidsentenceError {
    const { message, status, isWrongServer, retryAfterMs, redirectTo, refusal, timedOut } = cause
    const data = { ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }), ...(unknown && { unknown }) }
    const unavailable = (problem: string, remedy?: string) =>
      new MidsentenceError('unavailable', problem, { cause, data, ...(remedy !== undefined && { remedy }) })
    if (redirectTo !== undefined)
      return unavailable(`The server at ${url} redirects to ${redirectTo}`, 'use that address instead')
    if (refusal !== undefined) return unavailable(`The server at ${url} refuses: ${refusal}`)
    if (timedOut) {
      return unavailable(
        `The server at ${url} does not answer: ${message}. It may be overloaded, suspended or cut off.`,
        restart,
      )
    }
    if (status === 429) {
      return new MidsentenceError(
        'rate-limited',
        `The server at ${url} refuses further requests from this address (429). Wait a little, then join again.`,
        { cause, data },
      )
    }
    if (isWrongServer) {
      const answered = status === 200 ? message.replace(/^.*?: /, '') : `it answered ${status}`
      const elsewhere = status === 404 || status === 405 ? ' Is it mounted under another path?' : ''
      return unavailable(`The server at ${url} is not a midsentence server: ${answered}.${elsewhere}`, start)
    }
    if (status !== undefined)
      return unavailable(`The server at ${url} cannot accept you now (it answered ${status}).`, restart)
    return unavailable(`No midsentence server answers at ${tried}: ${message}.`, start)
  },

  nameTakenAfterLostResponse: (username: string, cause: unknown) =>
    new MidsentenceError(
      'name-taken',
      `The name ${JSON.stringify(username)} is taken, perhaps by your previous attempt, whose answer was lost. Try again in a minute, or choose another name.`,
      { cause, data: { reason: 'occupied' } },
    ),

  noMessageStream: (url: string, reason: string) =>
    new MidsentenceError('unavailable', `The server at ${url} sends no messages: ${reason}.`, {
      remedy: 'restart it (npx midsentence serve), or check the proxies between',
    }),

  /** `reason` is the sentence of the link. */
  linkDown: (reason: string, isRetry: boolean) =>
    isRetry
      ? new MidsentenceError(
          'unavailable',
          `It is not certain yet whether your message was sent. ${reason} Your draft is kept.`,
          { data: { unknown: true } },
        )
      : new MidsentenceError(
          'unavailable',
          `Your message was not sent. ${reason} Your draft is kept. Push again later.`,
        ),

  notSent: (why: string, cause?: unknown) =>
    new MidsentenceError('unavailable', `Your message was not sent: ${why}. Your draft is kept. Push again later.`, {
      cause,
    }),

  outcomeUnknown: (why: string, cause?: unknown, retryAfterMs?: number) =>
    new MidsentenceError(
      'unavailable',
      `It is not certain yet whether your message was sent: ${why}. Your draft is kept.`,
      { cause, data: { unknown: true, ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }) } },
    ),

  rateLimited: (retryAfterMs: number | undefined, cause: unknown) =>
    new MidsentenceError(
      'rate-limited',
      'Your message was not sent: the server received too many requests (429). Your draft is kept. Push again later.',
      { cause, ...(retryAfterMs !== undefined && { data: { retry_after_ms: retryAfterMs } }) },
    ),

  tooLong: (cause: unknown) =>
    new MidsentenceError(
      'invalid-params',
      'Your message was not sent: it exceeds the limit of the server (413). Your draft is kept: send it in parts.',
      { cause },
    ),
}
