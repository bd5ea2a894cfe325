import { type Clock, systemClock } from '@midsentence/core'
import {
  connectionFailed,
  httpFailure,
  noAnswerWithin,
  protocolError,
  type Rpc,
  type RpcCallOptions,
  redirectTarget,
  resultOf,
} from '@midsentence/core/rpc-client'
import { streamFetch } from '#stream-fetch'
import { redirectOf } from '../redirect-of.ts'
import type { StreamFetch } from '../stream-fetch.ts'
import { HttpAddresses } from './http-addresses.ts'
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
      const cancel = this.#clock.after(ms, () => end(noAnswerWithin(ms)))
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
    const url = this.#addresses.rpcUrl
    const response = await this.#fetch(url, {
      method: 'POST',
      headers,
      body,
      signal,
      cache: 'no-store',
    })
    const { status, headers: answered } = response
    const type = answered.get('content-type') ?? 'nothing'
    if (status === 200 && /^application\/json\b/i.test(type)) return readBody(response)
    const refusal = isRefusal(status) ? refusalIn(await readBody(response)) : undefined
    if (!isRefusal(status)) await response.body?.getReader().cancel()
    if (status === 204) return undefined
    const redirectTo = redirectTarget(redirectOf(response), url, this.#addresses.rpcPath)
    if (status === 200 && redirectTo === undefined) throw protocolError(`it answered with ${type.slice(0, 80)}`)
    throw httpFailure(status, answered.get('retry-after'), {
      ...(redirectTo !== undefined && { redirectTo }),
      ...(refusal !== undefined && { refusal }),
    })
  }
}

/** Whether a midsentence server gives its reason with this status. 404 and 405 come from servers without this path. */
const isRefusal = (status: number): boolean => status >= 400 && status < 500 && ![404, 405, 429].includes(status)

/** Characters of a server's reason to pass on at most. */
const MAX_REFUSAL = 300

/** Reads the sentence in `{"error": "…"}`; undefined for any other body. */
function refusalIn(text: string): string | undefined {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    return undefined
  }
  const { error } = Object(answer) as { readonly error?: unknown }
  return typeof error === 'string' && error !== '' ? error.slice(0, MAX_REFUSAL) : undefined
}

export interface HttpRpcOptions {
  readonly fetch?: StreamFetch
  readonly clock?: Clock
  /** Path of JSON-RPC below `url`. Default `/rpc`. */
  readonly path?: string
}

/** Creates a client for the JSON-RPC methods of the server at `url`. Each call opens a connection. */
export function httpRpc(url: string, { fetch = streamFetch, clock = systemClock(), path }: HttpRpcOptions = {}): Rpc {
  return new HttpRpc(new HttpAddresses([url], path), fetch, clock)
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
