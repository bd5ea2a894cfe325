import { errorFromRpc, isMidsentenceError, MidsentenceError } from '@midsentence/core'

/** Pauses before the retries of a call without an answer, in milliseconds. */
const RETRY_DELAYS_MS = [200, 1000]

/**
 * Calls a JSON-RPC method of the server at `url` and resolves with its result. Retries a call without an answer when a
 * repetition is safe: calls with a key, `resume` and `who`. Rejects with a `MidsentenceError`.
 */
export async function callRpc(url: string, method: string, params: object, token: string): Promise<unknown> {
  for (let tries = 0; ; tries++) {
    try {
      return await once(url, method, params, token)
    } catch (error) {
      const repeatable = 'key' in params || method === 'resume' || method === 'who'
      const ms = RETRY_DELAYS_MS[tries]
      if (isMidsentenceError(error) || !repeatable || ms === undefined) {
        if (isMidsentenceError(error)) throw error
        const sentence = `No server answers at ${url}. Start one there: midsentence serve`
        throw new MidsentenceError('unavailable', sentence, { cause: error })
      }
      await new Promise(resolve => setTimeout(resolve, ms))
    }
  }
}

async function once(url: string, method: string, params: object, token: string): Promise<unknown> {
  const response = await fetch(`${url}/rpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const text = await response.text()
  const { result, error } = Object(parseJson(text))
  if (response.ok && error !== undefined) throw errorFromRpc(error)
  if (response.ok && typeof result === 'object' && result !== null) return result
  const detail = typeof error === 'string' ? `: ${error}` : ` (${response.status}).`
  throw new MidsentenceError('unavailable', `The server at ${url} refuses, or is not a midsentence server${detail}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
