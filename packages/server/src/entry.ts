import { createHash, timingSafeEqual } from 'node:crypto'
import { type Admission, type AdmissionRequest, defaultPolicy, MidsentenceError, type Policy } from '@midsentence/core'
import type { AddressLimits } from './address-limits.ts'

/** How the server finds out who may come in. Both may be given: then both have to agree. */
export interface EntryOptions {
  /** What everybody shows who joins, as `credential`. */
  readonly password?: string
  /**
   * Says whether a visitor may come in, by which name and for how long; a token that is signed by somebody else is looked
   * at here. It has two seconds.
   */
  authenticate?(visitor: AdmissionRequest): Admission | Promise<Admission>
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Are they the same? How long it takes says nothing of how much of it was right. */
export const sameSecret = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other))

/** `policy`, with who comes in as `entry` says; whoever guesses is slowed down. */
export function guarded(policy: Policy = defaultPolicy, entry: EntryOptions, limits?: AddressLimits): Policy {
  const checks: NonNullable<Policy['admit']>[] = []
  const { password } = entry
  if (password !== undefined) checks.push(visitor => byPassword(password, visitor))
  if (entry.authenticate) checks.push(visitor => entry.authenticate!(visitor))
  if (policy.admit) checks.push(visitor => policy.admit!(visitor))
  if (checks.length === 0 && !limits) return policy
  return {
    ...policy,
    room: room => policy.room(room),
    limits: room => policy.limits(room),
    async admit(visitor) {
      const { address } = visitor
      if (address !== undefined && limits) {
        const guesses = await limits.mayGuess(address)
        if (guesses > 0) throw guessing(guesses)
        // Over a socket a join is no request of its own, and costs as much.
        const joins = await limits.request(address)
        if (joins > 0) throw flooding(joins)
      }
      let admission: Admission = { allowed: true }
      for (const check of checks) {
        const next = await check(visitor)
        if (!next.allowed) {
          if (address !== undefined) await limits?.guessed(address)
          return next
        }
        admission = together(admission as Allowed, next)
      }
      return admission
    },
  }
}

type Allowed = Extract<Admission, { readonly allowed: true }>

/** What both allow: the sooner end counts. */
function together(one: Allowed, other: Allowed): Admission {
  const until = Math.min(one.until ?? Number.POSITIVE_INFINITY, other.until ?? Number.POSITIVE_INFINITY)
  return { ...one, ...other, ...(until !== Number.POSITIVE_INFINITY && { until }) }
}

function byPassword(password: string, { credential }: AdmissionRequest): Admission {
  if (credential === undefined) {
    return { allowed: false, reason: 'this server has a password: send it with join as "credential"' }
  }
  return sameSecret(credential, password) ? { allowed: true } : { allowed: false, reason: 'the password is wrong' }
}

const flooding = (retry_after_ms: number) =>
  new MidsentenceError(
    'rate-limited',
    `These are more joins than one address may make: wait ${Math.ceil(retry_after_ms / 1000)} seconds.`,
    { data: { retry_after_ms } },
  )

const guessing = (retry_after_ms: number) =>
  new MidsentenceError(
    'rate-limited',
    `There were too many wrong credentials from where you are: wait ${Math.ceil(retry_after_ms / 1000)} seconds.`,
    { data: { retry_after_ms } },
  )
