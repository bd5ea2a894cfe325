import { errorFromRpc, MidsentenceError } from '@midsentence/core'

/** Milliseconds until a call is given up. */
const TIMEOUT_MS = 5000

/**
 * Calls a JSON-RPC method of the server at `url` and resolves with its result. Rejects with the `MidsentenceError` that
 * the server returned, or with `unavailable`. `path` defaults to `/rpc`.
 */
export async function callServer(
  url: string,
  method: string,
  params: object,
  token?: string,
  path = '/rpc',
): Promise<unknown> {
  const headers = {
    'content-type': 'application/json',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body, signal }).catch(cause => {
    throw new MidsentenceError('unavailable', `No server answers at ${url}. Start one there: midsentence serve`, {
      cause,
    })
  })
  const answer: unknown = await response.json().catch(() => undefined)
  const { result, error } = Object(answer)
  if (response.ok && error !== undefined) throw errorFromRpc(error)
  if (response.ok && typeof result === 'object' && result !== null) return result
  if (typeof error === 'string') throw new MidsentenceError('unavailable', `The server at ${url} refuses: ${error}`)
  throw new MidsentenceError(
    'unavailable',
    `The server at ${url} is not a midsentence server. For the existing Python chat server, use midsentence chat.`,
  )
}
