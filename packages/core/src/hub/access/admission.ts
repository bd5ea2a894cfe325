import { isMidsentenceError, MidsentenceError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Admission, AdmissionRequest, Policy } from '../../ports/policy.ts'
import { withDeadline } from './with-deadline.ts'

type Admitted = Extract<Admission, { readonly allowed: true }>

/** Asks the policy to admit a participant. Rejects with `room-unavailable`, or with what the hook threw. */
export async function admitted(
  policy: Policy,
  request: AdmissionRequest,
  clock: Clock,
  ms: number,
  refused: () => void,
): Promise<Admitted> {
  if (!policy.admit) return { allowed: true }
  const admission = await askPolicy(policy, request, clock, ms)
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
