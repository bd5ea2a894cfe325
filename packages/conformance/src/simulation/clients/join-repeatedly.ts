import { isMidsentenceError, type Seq } from '@midsentence/core'
import type { Device } from '../device.ts'
import { LostResponse, NO_FAULT } from '../network.ts'
import type { NetworkFault } from '../plan.ts'
import { pause, type SimulationContext } from '../simulation-context.ts'
import { resultOf } from './hosted-answer.ts'

/** The answer to a join, as far as a client uses it. */
export interface SimulatedSession {
  readonly session_id: string
  readonly sender_id: string
  readonly token: string
  readonly cursor: Seq
}

/** `askedAt`: when the join was sent. Its answer may wait for a client that sleeps. */
export interface NewSession extends SimulatedSession {
  readonly askedAt: number
}

interface SimulatedJoin {
  readonly name: string
  readonly secret: string
}

interface RepeatedJoin extends SimulatedJoin {
  /** The faults of the next attempts. Each attempt takes one. */
  readonly faults: NetworkFault[]
}

/** The pause before another attempt, and before one for which a name or a place must be free. */
const RETRY_MS = 500
const OCCUPIED_MS = 3_000
/** After this time a session that answered may have ended. */
const SESSION_LIVES_MS = 60_000

const textOf = ({ name, secret }: SimulatedJoin): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'join', params: { username: name, secret } })

/** Joins without faults. Undefined if that is refused, or not answered. */
export async function joinOnce(
  { clock, network }: SimulationContext,
  device: Device,
  request: SimulatedJoin,
): Promise<NewSession | undefined> {
  const call = { client: request.name, device, text: textOf(request), fault: NO_FAULT }
  try {
    return { askedAt: clock.monotonic(), ...resultOf<SimulatedSession>(JSON.parse(await network.call(call))) }
  } catch (error) {
    if (error instanceof LostResponse || isMidsentenceError(error)) return undefined
    throw error
  }
}

/**
 * Joins, and repeats the join with the same secret until it is answered. Reports A3 if a repeated join does not reach the
 * session of a lost answer.
 */
export async function joinRepeatedly(
  { clock, network, trace, report }: SimulationContext,
  device: Device,
  { name, secret, faults }: RepeatedJoin,
): Promise<NewSession> {
  const text = textOf({ name, secret })
  let lost: { readonly session_id: string; readonly at: number } | undefined
  const isKnown = () => lost !== undefined && clock.monotonic() - lost.at < SESSION_LIVES_MS
  const onLost = (answer: string) => {
    const { result } = JSON.parse(answer)
    if (result) lost = { session_id: result.session_id, at: clock.monotonic() }
  }
  for (;;) {
    trace.line(name, `joins ${text}`)
    const askedAt = clock.monotonic()
    const fault = (network.reliable ? undefined : faults.shift()) ?? NO_FAULT
    try {
      const joined = resultOf<SimulatedSession>(
        JSON.parse(await network.call({ client: name, device, text, fault, onLost })),
      )
      trace.line(name, `has joined as ${joined.sender_id}, ${joined.session_id}`)
      if (isKnown() && joined.session_id !== lost?.session_id) {
        report('A3', `${name} joined twice with one secret, and has two sessions.`)
      }
      return { ...joined, askedAt }
    } catch (error) {
      const code = isMidsentenceError(error) ? error.code : undefined
      if (!(error instanceof LostResponse) && code === undefined) throw error
      trace.line(name, `cannot join yet: ${code ?? 'no answer'}`)
      if (code === 'name-taken' && isKnown()) report('A3', `${name} cannot join again with its own secret.`)
      await pause(device, code === 'name-taken' || code === 'room-unavailable' ? OCCUPIED_MS : RETRY_MS)
    }
  }
}
