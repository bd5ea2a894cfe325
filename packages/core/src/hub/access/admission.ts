import { isMidsentenceError, MidsentenceError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Admission, AdmissionRequest, Policy } from '../../ports/policy.ts'
import { withDeadline } from './with-deadline.ts'

type Admitted = Extract<Admission, { readonly allowed: true }>

/** Asks who wants to come in for a leave. Rejects with why there is none: `room-unavailable`, or what the hook threw. */
export async function admitted(
  policy: Policy,
  visitor: AdmissionRequest,
  clock: Clock,
  ms: number,
  refused: () => void,
): Promise<Admitted> {
  if (!policy.admit) return { allowed: true }
  const admission = await ask(policy, visitor, clock, ms)
  if (admission.allowed) {
    if (admission.until === undefined || admission.until > clock.now()) return admission
    refused()
    throw new MidsentenceError('room-unavailable', 'You may not come in: what you showed has expired. Get a new one.')
  }
  refused()
  throw new MidsentenceError('room-unavailable', `You may not come in: ${admission.reason}.`, {
    data: { reason: admission.reason },
  })
}

async function ask(policy: Policy, visitor: AdmissionRequest, clock: Clock, ms: number): Promise<Admission> {
  try {
    return await withDeadline(clock, ms, policy.admit!(visitor), late)
  } catch (cause) {
    if (isMidsentenceError(cause)) throw cause
    throw new MidsentenceError('internal', 'Whether you may come in could not be found out. Nobody was let in.', {
      cause,
    })
  }
}

const late = () =>
  new MidsentenceError('unavailable', 'It took too long to find out whether you may come in. Try again.', {
    data: { retry_after_ms: 1000 },
  })
