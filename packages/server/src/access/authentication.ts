import { createHash, timingSafeEqual } from 'node:crypto'
import { type Admission, type AdmissionRequest, defaultPolicy, MidsentenceError, type Policy } from '@midsentence/core'
import { callCosts } from '@midsentence/core/wire'
import type { AddressLimits } from './address-limits.ts'
import { isLoopback } from './loopback.ts'

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
      if (!limits || address === undefined || isLoopback(address)) return check(visitor)
      let admission: Admission = { allowed: true }
      await limits.guess(address, async () => {
        const began = performance.now()
        admission = await withTimeout(check(visitor))
        limits.charge(address, (performance.now() - began) / callCosts.hookMs)
        return admission.allowed
      })
      return admission
    },
  }

  async function check(visitor: AdmissionRequest): Promise<Admission> {
    let admission: Allowed = { allowed: true }
    for (const check of checks) {
      const next = await check(visitor)
      if (!next.allowed) return next
      admission = combineAdmissions(admission, next)
    }
    return admission
  }
}

/** A hook that never answers must not keep the turn of its address. The hub refuses such a join before. */
const HOOK_MS = 5000

/** Rejects after the time: that says nothing about the credential. */
function withTimeout(admission: Promise<Admission>): Promise<Admission> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new MidsentenceError('room-unavailable', tooLate)), HOOK_MS)
  })
  return Promise.race([admission, late]).finally(() => clearTimeout(timer))
}

const tooLate = 'The check of your credential took too long: try again in a while.'

type Allowed = Extract<Admission, { readonly allowed: true }>

/** Merges two admissions; the earlier end applies. */
function combineAdmissions(one: Allowed, other: Allowed): Allowed {
  const until = Math.min(one.until ?? Number.POSITIVE_INFINITY, other.until ?? Number.POSITIVE_INFINITY)
  return { ...one, ...other, ...(until !== Number.POSITIVE_INFINITY && { until }) }
}

function checkPassword(password: string, { credential, watching }: AdmissionRequest): Admission {
  if (credential === undefined) {
    const how = watching ? 'no credential was sent as "Authorization: Bearer …"' : 'no "credential" was given'
    return { allowed: false, reason: `this server has a password, and ${how}` }
  }
  return sameSecret(credential, password) ? { allowed: true } : { allowed: false, reason: 'the password is wrong' }
}
