import { MidsentenceError } from '../errors.ts'
import type { NoResponseError } from './no-response-error.ts'

/** What this transport says when it fails: one sentence or two that say what to do. */
export const transportErrors = {
  closed: () => new MidsentenceError('session-unknown', 'The line to the room is closed. Join again to go on.'),

  sessionEnded: (reason: string) => new MidsentenceError('session-unknown', reason),

  connectFailed(url: string, cause: NoResponseError): MidsentenceError {
    const { message, status, isWrongServer, retryAfterMs } = cause
    const data = retryAfterMs === undefined ? {} : { data: { retry_after_ms: retryAfterMs } }
    if (status === 429) {
      return new MidsentenceError(
        'rate-limited',
        `The server at ${url} takes no more requests from here just now (429). Wait a little, then join again.`,
        { cause, ...data },
      )
    }
    const start = 'Start one there (npx midsentence serve, with its --host and --port), or check the address'
    if (isWrongServer) {
      const answered = status === 200 ? message.replace(/^.*?: /, '') : `it answered ${status}`
      return new MidsentenceError(
        'unavailable',
        `What answers at ${url} is not a midsentence server: ${answered}. ${start}.`,
        { cause },
      )
    }
    if (status !== undefined) {
      return new MidsentenceError(
        'unavailable',
        `The server at ${url} cannot take you in just now (it answered ${status}). Try again, or start it anew with npx midsentence serve.`,
        { cause, ...data },
      )
    }
    return new MidsentenceError(
      'unavailable',
      `No midsentence server answers at ${url}: ${message}. ${start}, then try again.`,
      { cause },
    )
  },

  nameTakenAfterLostResponse: (username: string, cause: unknown) =>
    new MidsentenceError(
      'name-taken',
      `The name ${JSON.stringify(username)} is taken: perhaps by your own attempt a moment ago, whose answer was lost. Try again in a minute, or choose another name.`,
      { cause },
    ),

  noMessageStream: (url: string, reason: string) =>
    new MidsentenceError(
      'unavailable',
      `The server at ${url} gives no messages: ${reason}. Start it anew (npx midsentence serve), or look for what stands between it and you, then try again.`,
    ),

  /** `reason` is a sentence, as the link tells it. */
  linkDown: (reason: string, again: boolean) =>
    again
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
      'Your message was not sent: the server says that this is too much (429). Your draft is kept. Push again later.',
      { cause, ...(retryAfterMs !== undefined && { data: { retry_after_ms: retryAfterMs } }) },
    ),

  tooLong: (cause: unknown) =>
    new MidsentenceError(
      'invalid-params',
      'Your message was not sent: it is longer than the server takes (413). Your draft is kept: send it in parts.',
      { cause },
    ),
}
