import type { Message } from '@midsentence/core'
import { expect } from 'vitest'

/** A JSON-RPC call with a key. */
interface KeyedCall {
  readonly method: 'append' | 'undo' | 'reset' | 'push' | 'publish'
  readonly params: Readonly<Record<string, unknown>> & { readonly key: string }
}

/** The fields of a JSON-RPC response that the checks use. */
interface RpcResponse {
  readonly result?: {
    readonly status: number
    readonly messages: readonly Message[]
    readonly cursor: number
    readonly draft?: string
    readonly seq?: number
    readonly durability?: string
    readonly held?: boolean
    readonly missed?: unknown
  }
  readonly error?: { readonly code: number; readonly message: string }
}

/** A message of the caller that the server has acknowledged. */
export interface Acknowledged {
  readonly seq: number
  readonly content: string
}

/** Returns a random integer from 0 to `below`, exclusive. The sequence depends on the seed alone. */
export type RandomInt = (below: number) => number

/** Longest wait of a push for the floor. */
const FLOOR_MS = 50

/**
 * Sends one keyed call at a time, and tracks the expected state. Repeats a call whose response was lost under the same key,
 * as our client does.
 */
export class Caller {
  readonly name: string
  /** Own messages, as acknowledged. */
  readonly sent: Acknowledged[] = []
  /** Messages of others, as received. */
  readonly received: Message[] = []
  readonly #random: RandomInt
  #url = ''
  #token = ''
  #segments: string[] = []
  #cursor = 0
  #calls = 0
  #inFlight: KeyedCall | undefined
  #previous: { readonly call: KeyedCall; readonly response: RpcResponse } | undefined

  constructor(name: string, random: RandomInt) {
    this.name = name
    this.#random = random
  }

  async join(url: string): Promise<void> {
    this.#url = url
    const secret = `a secret of ${this.name}, long enough`
    const response = await this.#call('join', { username: this.name, secret })
    const { token, cursor } = response.result as unknown as { token: string; cursor: number }
    this.#token = token
    this.#cursor = cursor
  }

  /** Sends calls until the server is gone. Calls `onResponse` after each response. */
  async callUntilGone(onResponse: () => void): Promise<void> {
    for (;;) {
      this.#inFlight = this.#next()
      const { method, params } = this.#inFlight
      const response = await this.#call(method, params).catch(() => undefined)
      if (!response) return
      this.#apply(this.#inFlight, response)
      onResponse()
    }
  }

  /** Checks a restarted server: acknowledged calls are kept, and the call in flight took effect once or not at all. */
  async resume(url: string): Promise<void> {
    this.#url = url
    const { draft } = (await this.#preview()).result!
    const call = this.#inFlight!
    const possible = [this.#segments.join(''), this.#draftAfter(call)?.join('')]
    expect(possible).toContain(draft)
    const previous = this.#previous
    if (previous) expect(await this.#call(previous.call.method, previous.call.params)).toEqual(previous.response)
    const response = await this.#call(call.method, call.params)
    this.#apply(call, response)
    expect(await this.#call(call.method, call.params)).toEqual(response)
    expect((await this.#preview()).result!.draft).toBe(this.#segments.join(''))
  }

  /** Reads all messages. */
  async finish(): Promise<void> {
    for (let count = -1; count !== this.received.length; ) {
      count = this.received.length
      await this.#preview()
    }
  }

  async #preview(): Promise<RpcResponse> {
    const response = await this.#call('preview', { after: this.#cursor })
    this.#receive(response)
    return response
  }

  #next(): KeyedCall {
    const key = `${this.name} ${++this.#calls}`
    const choice = this.#random(12)
    const after = this.#cursor
    if (choice < 6) return { method: 'append', params: { key, after, text: `${key}. ` } }
    if (choice < 7) return { method: 'undo', params: { key, after } }
    if (choice < 8) return { method: 'reset', params: { key, after } }
    if (choice < 11) return { method: 'push', params: { key, after, timeout_ms: FLOOR_MS } }
    return { method: 'publish', params: { key, base: after, content: `${key} whole`, timeout_ms: FLOOR_MS } }
  }

  /** Returns the draft after `call` has taken effect. */
  #draftAfter({ method, params }: KeyedCall): string[] | undefined {
    if (method === 'append') return [...this.#segments, String(params.text)]
    if (method === 'undo') return this.#segments.slice(0, -1)
    return method === 'publish' ? this.#segments : []
  }

  #apply(call: KeyedCall, response: RpcResponse): void {
    this.#previous = { call, response }
    const { result, error } = response
    if (error) {
      // The only expected error is a push of an empty draft.
      expect([call.method, error.code, this.#segments]).toEqual(['push', 40001, []])
      return
    }
    this.#receive(response)
    const sending = call.method === 'push' || call.method === 'publish'
    if (sending && result!.status === 1) {
      expect(result!.durability).toBe('flushed')
      const content = call.method === 'push' ? this.#segments.join('') : String(call.params.content)
      this.sent.push({ seq: result!.seq!, content })
    }
    if (!sending || result!.status === 1) this.#segments = this.#draftAfter(call)!
  }

  #receive({ result }: RpcResponse): void {
    expect(result!.missed).toBeUndefined()
    for (const message of result!.messages) {
      // A repeated response may contain messages that were received already, unchanged.
      if (message.seq > (this.received.at(-1)?.seq ?? 0)) this.received.push(message)
      else expect(this.received).toContainEqual(message)
    }
    this.#cursor = Math.max(this.#cursor, result!.cursor)
  }

  async #call(method: string, params: Readonly<Record<string, unknown>>): Promise<RpcResponse> {
    const { after, ...rest } = params
    const adjusted = after === undefined ? rest : { ...rest, after: Math.max(Number(after), this.#cursor) }
    const response = await fetch(`${this.#url}/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: adjusted }),
    })
    return (await response.json()) as RpcResponse
  }
}
