import { type Clock, isMidsentenceError, systemClock } from '@midsentence/core'
import { NoResponseError, transportErrors } from '@midsentence/core/rpc-client'
import { streamFetch } from '#stream-fetch'
import type { StreamFetch } from '../stream-fetch.ts'
import { httpRpc } from './http-rpc.ts'

const TIMEOUT_MS = 5_000

export interface ServerProbeOptions {
  readonly fetch?: StreamFetch
  readonly clock?: Clock
}

/**
 * Resolves with true if a midsentence server answers at `url`, false if another server does. Rejects with `unavailable`
 * within 5 s if nothing answers. Creates nothing on the server.
 */
export async function probeServer(
  url: string,
  { fetch = streamFetch, clock = systemClock() }: ServerProbeOptions = {},
): Promise<boolean> {
  const rpc = httpRpc(url, { fetch, clock })
  const awake = clock.keepProcessAlive()
  try {
    // Without a token, a midsentence server rejects `who` with a JSON-RPC error.
    await rpc.call('who', {}, { ms: TIMEOUT_MS })
    return true
  } catch (error) {
    if (isMidsentenceError(error)) return true
    if (!(error instanceof NoResponseError)) throw error
    if (error.isWrongServer) return false
    throw transportErrors.connectFailed(url.replace(/\/+$/, ''), error)
  } finally {
    awake()
  }
}
