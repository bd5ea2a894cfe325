import { errorFromRpc, MidsentenceError } from '@midsentence/core'

/** Calls `method` of the server at `url` and resolves to its result. Rejects with a sentence that says what to do. */
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
  const signal = AbortSignal.timeout(5000)
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body, signal }).catch(cause => {
    throw new MidsentenceError('unavailable', `Nobody answers at ${url}. Start a server there: midsentence serve`, {
      cause,
    })
  })
  const answer: unknown = await response.json().catch(() => undefined)
  const { result, error } = Object(answer)
  if (response.ok && error !== undefined) throw errorFromRpc(error)
  if (response.ok && typeof result === 'object' && result !== null) return result
  if (typeof error === 'string') throw new MidsentenceError('unavailable', `The server at ${url} refuses: ${error}`)
  const python = 'On the existing Python chat server, use midsentence chat instead.'
  throw new MidsentenceError('unavailable', `What answers at ${url} is not a midsentence server. ${python}`)
}
