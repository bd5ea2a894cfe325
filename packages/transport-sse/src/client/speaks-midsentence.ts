import { type Clock, isMidsentenceError, systemClock } from '@midsentence/core'
import { NoResponseError, transportErrors } from '@midsentence/core/rpc-client'
import { streamFetch } from '#stream-fetch'
import type { StreamFetch } from '../stream-fetch.ts'
import { HttpRpc } from './rpc.ts'
import { Servers } from './servers.ts'

const PATIENCE_MS = 5_000

export interface AskOptions {
  readonly fetch?: StreamFetch
  readonly clock?: Clock
}

/**
 * Is it a midsentence server that answers at `url`? False for any other server there. Rejects within 5 s with a
 * sentence that says what to start where nobody answers at all. It leaves nothing behind.
 */
export async function speaksMidsentence(
  url: string,
  { fetch = streamFetch, clock = systemClock() }: AskOptions = {},
): Promise<boolean> {
  const servers = new Servers([url])
  const awake = clock.keepProcessAlive()
  try {
    // Who is here? Somebody without a token is not told, but is told so in JSON-RPC.
    await new HttpRpc(servers, fetch, clock).call('who', {}, { ms: PATIENCE_MS })
    return true
  } catch (error) {
    if (isMidsentenceError(error)) return true
    if (!(error instanceof NoResponseError)) throw error
    if (error.isWrongServer) return false
    throw transportErrors.connectFailed(servers.url, error)
  } finally {
    awake()
  }
}
