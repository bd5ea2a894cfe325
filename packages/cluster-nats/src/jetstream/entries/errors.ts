import { MidsentenceError } from '@midsentence/core'
import { JetStreamApiError } from '@nats-io/jetstream'

/** Codes of JetStream for a publish under an expectation that does not hold. The second one since 2.11. */
const REFUSALS: readonly number[] = [10071, 10164]

/** Codes that tell only about this moment: a duplicate in process, and a change of the leader. */
const PASSING: readonly number[] = [10158, 10163]

/** Tells whether JetStream refused a publish because another message is the last one of its subject. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof JetStreamApiError && REFUSALS.includes(error.code)

/** Tells whether JetStream answered that it does not carry out a request, and would say so again. */
export const isFinal = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.status !== 503 && !PASSING.includes(error.code)

export const closedError = (what: string): MidsentenceError =>
  new MidsentenceError('unavailable', `The ${what} is closed.`)

/** The error of a server that is not the owner of `room`, or not any more. */
export const notOwner = (room: string): MidsentenceError =>
  new MidsentenceError('unavailable', `Another server owns the room ${room}.`)

/** The error of a write that may have taken effect. */
export const unknownOutcome = (cause: unknown): MidsentenceError =>
  new MidsentenceError(
    'unavailable',
    `JetStream did not confirm a write, which may have taken effect: ${textOf(cause)}.`,
    { data: { unknown: true }, cause },
  )

export const noAnswer = (cause: unknown): MidsentenceError =>
  new MidsentenceError('unavailable', `JetStream did not answer: ${textOf(cause)}.`, { cause })

/** The error of a read that found something else than what was written. */
export const damaged = (what: string): MidsentenceError =>
  new MidsentenceError('internal', `The log in JetStream is damaged: ${what}.`)

const textOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
