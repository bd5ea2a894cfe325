import { isMidsentenceError, MidsentenceError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Monitor } from '../../ports/monitor.ts'
import type { Admission, AdmissionRequest, Policy } from '../../ports/policy.ts'
import { withDeadline } from './with-deadline.ts'

type Admitted = Extract<Admission, { readonly allowed: true }>

export interface AdmissionDeps {
  readonly policy: Policy
  readonly clock: Clock
  readonly monitor: Monitor
  /** How long the hook may take, in milliseconds. */
  readonly hookTimeoutMs: number
}

/** What a caller shows, and where it comes from. */
interface CallerCredential {
  readonly credential?: string
  readonly address?: string
}

/** Asks the policy to admit a participant or a watcher. Rejects with `room-unavailable`, or with what the hook threw. */
export async function admitted(
  { policy, clock, monitor, hookTimeoutMs }: AdmissionDeps,
  { credential, address }: CallerCredential,
  who: Pick<AdmissionRequest, 'room' | 'username' | 'watching'>,
): Promise<Admitted> {
  if (!policy.admit) return { allowed: true }
  const request = { ...who, ...(credential !== undefined && { credential }), ...(address !== undefined && { address }) }
  const refused = () => monitor.refused('entry', who.room)
  const admission = await askPolicy(policy, request, clock, hookTimeoutMs)
  if (admission.allowed) {
    if (admission.until === undefined || admission.until > clock.now()) return admission
    refused()
    throw new MidsentenceError('room-unavailable', 'You may not come in: your credential has expired. Get a new one.', {
      data: { reason: 'your credential has expired' },
    })
  }
  refused()
  throw new MidsentenceError('room-unavailable', `You may not come in: ${admission.reason}.`, {
    data: { reason: admission.reason },
  })
}

async function askPolicy(policy: Policy, request: AdmissionRequest, clock: Clock, ms: number): Promise<Admission> {
  try {
    return await withDeadline(clock, ms, policy.admit!(request), timeoutError)
  } catch (cause) {
    if (isMidsentenceError(cause)) throw cause
    throw new MidsentenceError(
      'internal',
      'The server could not find out whether you may come in. Nothing was created.',
      {
        cause,
      },
    )
  }
}

const timeoutError = () =>
  new MidsentenceError('unavailable', 'It took too long to find out whether you may come in. Try again.', {
    data: { retry_after_ms: 1000 },
  })
