import { MidsentenceError } from '../errors.ts'
import { quotedName } from '../room/names.ts'

/** How long a call is asked to wait at a bound, in milliseconds. */
const FULL_RETRY_MS = 10_000

export const unknownToken = () =>
  new MidsentenceError('session-unknown', 'This token belongs to no session, or it has expired. Join again to go on.')

export const sessionExpired = () =>
  new MidsentenceError(
    'session-unknown',
    'This session has expired: it made no call for too long. Join again to go on.',
  )

export const sessionReplaced = () =>
  new MidsentenceError(
    'session-unknown',
    'This session has ended: it was away for longest, and the server needed its place. Join again to go on.',
  )

export const accessEnded = () =>
  new MidsentenceError('session-unknown', 'Your access to this room has ended. Get a new credential, and join again.')

export const roomUnavailable = (room: string) =>
  new MidsentenceError('room-unavailable', `There is no room ${room} for you here: choose another.`)

export const hubClosing = () =>
  new MidsentenceError('unavailable', 'The server is closing. Try again when it is back.', {
    data: { retry_after_ms: 1000 },
  })

export const nameTaken = (name: string, room: string) =>
  new MidsentenceError(
    'name-taken',
    `The name ${quotedName(name)} is taken in ${room}: choose another. It is free once its holder leaves, or has been away for a while.`,
    { data: { reason: 'occupied' } },
  )

/** The room of a session left memory. Its next call opens it again. */
export const roomUnloaded = () =>
  new MidsentenceError('unavailable', 'The room is being opened. Nothing was done: try again.', {
    data: { retry_after_ms: 100 },
  })

/** `what`: "sessions" or "rooms". */
export const hubFull = (most: number, what: string) =>
  new MidsentenceError(
    'unavailable',
    `The server is full: it has ${most.toLocaleString('en')} ${what} in use. Nothing was done: try again later.`,
    { data: { retry_after_ms: FULL_RETRY_MS } },
  )

/** Creates the error of what a failed session log leaves unknown. */
export const sessionLogFailed = (cause: unknown) =>
  new MidsentenceError(
    'unavailable',
    'The server could not write this down. It is not known yet whether it was done: try again once the server is back.',
    { cause, data: { unknown: true } },
  )

export const tooManyCalls = (most: number) =>
  new MidsentenceError(
    'rate-limited',
    `This session has ${most} calls that are not answered yet. Nothing was done: wait for answers, then try again.`,
    { data: { retry_after_ms: 1000 } },
  )

/** Calls `call` the first time only. */
export function once<T>(call: (value: T) => void): (value: T) => void {
  let called = false
  return value => {
    if (!called) call(value)
    called = true
  }
}
