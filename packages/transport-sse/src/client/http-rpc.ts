import type { Clock } from '@midsentence/core'
import {
  connectionFailed,
  httpFailure,
  NoResponseError,
  protocolError,
  type Rpc,
  type RpcCallOptions,
  resultOf,
} from '@midsentence/core/rpc-client'
import type { StreamFetch } from '../stream-fetch.ts'
import type { HttpAddresses } from './http-addresses.ts'
import { readBody } from './read-body.ts'

/** JSON-RPC 2.0 over HTTP, one request per connection, to the current address. */
export class HttpRpc implements Rpc {
  readonly #addresses: HttpAddresses
  readonly #fetch: StreamFetch
  readonly #clock: Clock
  #calls = 0

  constructor(addresses: HttpAddresses, fetch: StreamFetch, clock: Clock) {
    this.#addresses = addresses
    this.#fetch = fetch
    this.#clock = clock
  }

  async call(method: string, params: object, options: RpcCallOptions): Promise<unknown> {
    const id = ++this.#calls
    const text = await this.#post({ jsonrpc: '2.0', id, method, params }, options)
    if (text === undefined) throw protocolError('it answered nothing')
    return resultOf(parsed(text), id)
  }

  /** Sends a notification. Never rejects. */
  async notify(method: string, params: object, options: RpcCallOptions): Promise<void> {
    await this.#post({ jsonrpc: '2.0', method, params }, options).catch(() => {})
  }

  #post(message: object, { token, ms, signal }: RpcCallOptions): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const abort = new AbortController()
      const end = (reason: unknown) => {
        finish()
        reject(reason)
        abort.abort()
      }
      const onAbort = () => end(signal?.reason)
      const late = `no answer came within ${ms / 1000} seconds`
      const cancel = this.#clock.after(ms, () => end(new NoResponseError({ reason: late, outcomeUnknown: true })))
      const finish = () => {
        cancel()
        signal?.removeEventListener('abort', onAbort)
      }
      if (signal?.aborted) return onAbort()
      signal?.addEventListener('abort', onAbort)
      this.#exchange(JSON.stringify(message), token, abort.signal)
        .then(resolve, cause => reject(connectionFailed(cause)))
        .finally(finish)
    })
  }

  async #exchange(body: string, token: string | undefined, signal: AbortSignal): Promise<string | undefined> {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    }
    const response = await this.#fetch(this.#addresses.rpcUrl, {
      method: 'POST',
      headers,
      body,
      signal,
      cache: 'no-store',
    })
    const { status } = response
    if (status === 200) {
      const type = response.headers.get('content-type') ?? 'nothing'
      if (/^application\/json\b/i.test(type)) return readBody(response)
      await response.body?.getReader().cancel()
      throw protocolError(`it answered with ${type.slice(0, 80)}`)
    }
    await response.body?.getReader().cancel()
    if (status === 204) return undefined
    throw httpFailure(status, response.headers.get('retry-after'))
  }
}

function parsed(text: string): object {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch (cause) {
    throw protocolError('its answer is not JSON', cause)
  }
  if (typeof answer !== 'object' || answer === null) throw protocolError('its answer is not JSON-RPC')
  return answer
}
