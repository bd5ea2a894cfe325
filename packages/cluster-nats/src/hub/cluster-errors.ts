import { isMidsentenceError, MidsentenceError } from '@midsentence/core'

/** The owner of a room ended, or cannot be reached, while a call was with it. */
export const ownerLost = (cause?: unknown) =>
  new MidsentenceError(
    'unavailable',
    'The server of this room has ended or cannot be reached. It is not known yet whether the call was done. Repeat it with the same key; if it had none, look first, as with preview or check.',
    { cause, data: { unknown: true, retry_after_ms: 500 } },
  )

/** As `ownerLost`, for a call of an administrator: each may be repeated. */
export const adminCallLost = (cause: unknown) =>
  new MidsentenceError(
    'unavailable',
    'The server of this room has ended, cannot be reached or could not write. It is not known yet whether the call was done: repeat it, which is safe.',
    { cause, data: { unknown: true, retry_after_ms: 500 } },
  )

/** Whether an error is that of an owner that ended in the middle of a call. */
export const isOwnerLost = (error: unknown): boolean =>
  isMidsentenceError(error) && error.code === 'unavailable' && error.data.unknown === true

/** No server has the room now. */
export const noOwner = (room: string, cause?: unknown) =>
  new MidsentenceError('unavailable', `No server has the room ${room} at the moment. Nothing was done: try again.`, {
    cause,
    data: { retry_after_ms: 500 },
  })

/** This server could not renew its entry for a while. */
export const noLease = () =>
  new MidsentenceError('unavailable', 'This server cannot write to NATS at the moment. Nothing was done: try again.', {
    data: { retry_after_ms: 500 },
  })

/** This server has no lease, so that it does not know which rooms there are, nor who has them. */
export const noOverview = () =>
  new MidsentenceError(
    'unavailable',
    'This server cannot reach NATS at the moment, so that it does not know the rooms. Nothing was done: try again, at another server if you have its address.',
    { data: { retry_after_ms: 500 } },
  )

export const clusterClosing = () =>
  new MidsentenceError('unavailable', 'This server is closing. Try again, at another server if you have its address.', {
    data: { retry_after_ms: 500 },
  })

/** The session of a token is being looked for. */
export const notHereYet = () =>
  new MidsentenceError('unavailable', 'The room is being opened. Nothing was done: try again.', {
    data: { retry_after_ms: 100 },
  })

/**
 * A session's call came to a server that is closing. A copy of it, sent by the network or after a lost answer, may have been made at
 * another server, so that nothing is known of it here.
 */
export const closingCall = () =>
  new MidsentenceError(
    'unavailable',
    'This server is closing, and did not make this call. Repeat it, with its key if it had one, at another server if you have its address.',
    { data: { unknown: true, retry_after_ms: 500 } },
  )

/** When to come to a full server again, in milliseconds. No other error has this number. */
const FULL_MS = 10_000

/** This server has as many rooms or sessions as it may. */
export const serverFull = (most: number, what: 'rooms' | 'sessions') =>
  new MidsentenceError(
    'unavailable',
    `This server is full: it has ${most.toLocaleString('en')} ${what} in use. Nothing was done: try again later.`,
    { data: { retry_after_ms: FULL_MS } },
  )

/** Whether an error says that a server, this or another, is full. */
export const isServerFull = (error: unknown): boolean =>
  isMidsentenceError(error) && error.data.retry_after_ms === FULL_MS

/** Whether an error says that nothing was done, since the room is not here any more. */
export const isUndone = (error: unknown): boolean =>
  isMidsentenceError(error) && error.code === 'unavailable' && error.data.unknown !== true
