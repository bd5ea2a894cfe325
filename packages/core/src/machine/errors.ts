import { MidsentenceError } from '../errors.ts'

/** Why a push of a replaced session failed. */
export const sessionReplacedNotice =
  'The server lost your session before it answered. It is not certain whether your message was sent. Your draft is kept.'
/** The error of a push that its participant's end cut off. */
export const pushUncertain = (error: MidsentenceError) =>
  new MidsentenceError(error.code, `${error.message} It is not certain whether your message was sent.`, {
    cause: error,
    data: { ...error.data, unknown: true },
  })

/** Rejects what is called after the end. */
export const closedError = () =>
  new MidsentenceError('session-unknown', 'This participant has left the room. Join again to go on.')

/** Rejects a hush over a transport that has none. */
export const cannotHush = (): Promise<never> =>
  Promise.reject(new MidsentenceError('method-not-found', 'This server cannot silence the models of a room.'))

/** The error of a call that its caller aborted: the reason of the signal, or a sentence where it has none. */
export const abortError = (signal: AbortSignal, sentence: string) =>
  signal.reason instanceof DOMException && signal.reason.name === 'AbortError'
    ? new DOMException(sentence, 'AbortError')
    : (signal.reason ?? new DOMException(sentence, 'AbortError'))
