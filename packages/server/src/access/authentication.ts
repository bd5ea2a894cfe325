import { createHash, timingSafeEqual } from 'node:crypto'
import { type Admission, type AdmissionRequest, defaultPolicy, MidsentenceError, type Policy } from '@midsentence/core'
import type { AddressLimits } from './address-limits.ts'

/** How the server checks who may join. With both options, both must allow it. */
export interface AuthenticationOptions {
  /** Password that every `join` sends as `credential`. */
  readonly password?: string
  /** Decides whether a join is allowed, under which name and until when, for example by a signed token. Time limit: 2 s. */
  authenticate?(visitor: AdmissionRequest): Admission | Promise<Admission>
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Compares two secrets in a time that does not depend on how much of them is equal. */
export const sameSecret = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other))

/** Returns `policy` with an `admit` that also checks `authentication`, and limits joins and wrong credentials per address. */
export function withAuthentication(
  policy: Policy = defaultPolicy,
  authentication: AuthenticationOptions,
  limits?: AddressLimits,
): Policy {
  const checks: NonNullable<Policy['admit']>[] = []
  const { password } = authentication
  if (password !== undefined) checks.push(visitor => checkPassword(password, visitor))
  if (authentication.authenticate) checks.push(visitor => authentication.authenticate!(visitor))
  if (policy.admit) checks.push(visitor => policy.admit!(visitor))
  if (checks.length === 0 && !limits) return policy
  return {
    ...policy,
    room: room => policy.room(room),
    limits: room => policy.limits(room),
    async admit(visitor) {
      const { address } = visitor
      if (address !== undefined && limits) {
        const guessWait = await limits.credentialWait(address)
        if (guessWait > 0) throw tooManyGuesses(guessWait)
        // Over a WebSocket a join is not a request of HTTP, but costs as much.
        const joinWait = await limits.takeRequest(address)
        if (joinWait > 0) throw tooManyJoins(joinWait)
      }
      let admission: Allowed = { allowed: true }
      for (const check of checks) {
        const next = await check(visitor)
        if (!next.allowed) {
          if (address !== undefined) await limits?.countWrongCredential(address)
          return next
        }
        admission = combineAdmissions(admission, next)
      }
      return admission
    },
  }
}

type Allowed = Extract<Admission, { readonly allowed: true }>

/** Merges two admissions; the earlier end applies. */
function combineAdmissions(one: Allowed, other: Allowed): Allowed {
  const until = Math.min(one.until ?? Number.POSITIVE_INFINITY, other.until ?? Number.POSITIVE_INFINITY)
  return { ...one, ...other, ...(until !== Number.POSITIVE_INFINITY && { until }) }
}

function checkPassword(password: string, { credential }: AdmissionRequest): Admission {
  if (credential === undefined) {
    return { allowed: false, reason: 'this server has a password: send it with join as "credential"' }
  }
  return sameSecret(credential, password) ? { allowed: true } : { allowed: false, reason: 'the password is wrong' }
}

const tooManyJoins = (retry_after_ms: number) =>
  new MidsentenceError(
    'rate-limited',
    `Too many joins from your address: wait ${Math.ceil(retry_after_ms / 1000)} seconds.`,
    { data: { retry_after_ms } },
  )

const tooManyGuesses = (retry_after_ms: number) =>
  new MidsentenceError(
    'rate-limited',
    `Too many wrong credentials from your address: wait ${Math.ceil(retry_after_ms / 1000)} seconds.`,
    { data: { retry_after_ms } },
  )
