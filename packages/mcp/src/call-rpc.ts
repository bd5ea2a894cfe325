import { errorFromRpc, isMidsentenceError, MidsentenceError } from '@midsentence/core'

/** How soon a call is asked again whose answer was lost, in milliseconds; it is asked twice at most. */
const RETRY_DELAYS_MS = [200, 1000]

/**
 * Calls `method` of the midsentence server at `url` and resolves to its result. What has a key is asked again where its
 * answer was lost. Rejects with a `MidsentenceError` that says what to do.
 */
export async function callRpc(url: string, method: string, params: object, token: string): Promise<unknown> {
  for (let tries = 0; ; tries++) {
    try {
      return await once(url, method, params, token)
    } catch (error) {
      const again = 'key' in params || method === 'resume' || method === 'who'
      const ms = RETRY_DELAYS_MS[tries]
      if (isMidsentenceError(error) || !again || ms === undefined) {
        if (isMidsentenceError(error)) throw error
        const sentence = `Nobody answers at ${url}. Start a server there: midsentence serve`
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
  const said = typeof error === 'string' ? `: ${error}` : ` (${response.status})`
  throw new MidsentenceError('unavailable', `What answers at ${url} is no midsentence server, or refuses${said}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
