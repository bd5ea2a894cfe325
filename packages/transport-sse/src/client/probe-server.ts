import { type Clock, isMidsentenceError, systemClock } from '@midsentence/core'
import { NoResponseError, refusals } from '@midsentence/core/rpc-client'
import { streamFetch } from '#stream-fetch'
import type { StreamFetch } from '../stream-fetch.ts'
import { HttpAddresses } from './http-addresses.ts'
import { HttpRpc } from './http-rpc.ts'

const PATIENCE_MS = 5_000

export interface ServerProbeOptions {
  readonly fetch?: StreamFetch
  readonly clock?: Clock
}

/**
 * Is it a midsentence server that answers at `url`? False for any other server there. Rejects within 5 s with a
 * sentence that says what to start where nobody answers at all. It leaves nothing behind.
 */
export async function probeServer(
  url: string,
  { fetch = streamFetch, clock = systemClock() }: ServerProbeOptions = {},
): Promise<boolean> {
  const servers = new HttpAddresses([url])
  const awake = clock.stayAwake()
  try {
    // Who is here? Somebody without a token is not told, but is told so in JSON-RPC.
    await new HttpRpc(servers, fetch, clock).call('who', {}, { ms: PATIENCE_MS })
    return true
  } catch (error) {
    if (isMidsentenceError(error)) return true
    if (!(error instanceof NoResponseError)) throw error
    if (error.strange) return false
    throw refusals.notOpened(servers.url, error)
  } finally {
    awake()
  }
}
