import type { midsentence } from '../midsentence.ts'

/** Returns a function that calls the server at `url` with `token`. */
export const calling =
  (url: string, token = '') =>
  async (method: string, params: object = {}) => {
    const response = await fetch(`${url}/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    const { result, error } = (await response.json()) as { result: Record<string, unknown>; error: unknown }
    return error === undefined ? result : ({ error } as Record<string, unknown>)
  }

export async function joined(url: string) {
  const { token } = await calling(url)('join', { username: 'Ada', secret: 'sixteen bytes at least' })
  return { token: String(token), call: calling(url, String(token)) }
}

export const ended = async (process: ReturnType<typeof midsentence>, signal: NodeJS.Signals) => {
  process.kill(signal)
  return process.ended
}
