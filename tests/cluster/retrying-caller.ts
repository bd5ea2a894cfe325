import type { Message } from '@midsentence/core'
import { expect } from 'vitest'

/** Returns a random integer from 0 to `below`, exclusive. The sequence depends on the seed alone. */
export type RandomInt = (below: number) => number

interface RpcResult {
  readonly status: number
  readonly messages: readonly Message[]
  readonly cursor: number
  readonly draft?: string
  readonly seq?: number
  readonly durability?: string
  readonly missed?: unknown
}

interface RpcError {
  readonly code: number
  readonly message: string
}

/** How long one try may take, in milliseconds: a stopped server answers nothing. */
const TRY_MS = 3000
/** How long a call is tried in all. */
const GIVE_UP_MS = 60_000
/** Pause after a try that failed. */
const PAUSE_MS = 100

const ROOM = 'debate'

/**
 * Makes one keyed call after another at servers of a cluster, as a client that knows all addresses: what fails for the network, or
 * with 40013, is repeated under its key at the next server. It tracks what the answers promise.
 */
export class RetryingCaller {
  readonly name: string
  /** Own messages, as acknowledged. */
  readonly sent: { readonly seq: number; readonly content: string }[] = []
  /** Messages of others, as received. */
  readonly received: Message[] = []
  /** Longest time from the first try of a call to its answer since `forgetTimes`, in milliseconds. */
  longest = 0
  answers = 0
  readonly #random: RandomInt
  readonly #addresses: () => readonly string[]
  #token = ''
  #segments: string[] = []
  #cursor = 0
  #calls = 0
  #stopped = false

  constructor(name: string, random: RandomInt, addresses: () => readonly string[]) {
    this.name = name
    this.#random = random
    this.#addresses = addresses
  }

  get cursor(): number {
    return this.#cursor
  }

  get token(): string {
    return this.#token
  }

  async join(): Promise<void> {
    const secret = `a secret of ${this.name}, long enough`
    const joined = (await this.#repeat('join', { username: this.name, room: ROOM, secret })) as unknown as {
      token: string
      cursor: number
    }
    this.#token = joined.token
    this.#cursor = joined.cursor
  }

  /** Writes until `stop`. Rejects at the first answer that breaks a promise. */
  async write(): Promise<void> {
    while (!this.#stopped) await this.#act()
  }

  stop(): void {
    this.#stopped = true
  }

  forgetTimes(): void {
    this.longest = 0
  }

  /** Reads all messages, and checks the draft. */
  async finish(): Promise<void> {
    for (let count = -1; count !== this.received.length; ) {
      count = this.received.length
      await this.#preview()
    }
  }

  async #preview(): Promise<void> {
    const result = await this.#call('preview', {})
    expect(result.draft).toBe(this.#segments.join(''))
  }

  async #act(): Promise<void> {
    const key = `${this.name} ${++this.#calls}`
    const choice = this.#random(12)
    if (choice < 5) {
      await this.#call('append', { key, text: `${key}. ` })
      this.#segments.push(`${key}. `)
    } else if (choice < 6) {
      await this.#call('undo', { key })
      this.#segments.pop()
    } else if (choice < 7) {
      await this.#call('reset', { key })
      this.#segments = []
    } else if (choice < 10 && this.#segments.length > 0) {
      const content = this.#segments.join('')
      if (this.#noteSent(await this.#call('push', { key, timeout_ms: 500 }), content)) this.#segments = []
    } else if (choice < 11) {
      const content = `${key} whole`
      this.#noteSent(await this.#call('publish', { key, base: this.#cursor, content, timeout_ms: 500 }), content)
    } else await this.#preview()
  }

  #noteSent({ status, seq, durability }: RpcResult, content: string): boolean {
    if (status !== 1) return false
    expect(durability).toBe('replicated')
    this.sent.push({ seq: seq!, content })
    return true
  }

  async #call(method: string, params: Readonly<Record<string, unknown>>): Promise<RpcResult> {
    const after = method === 'publish' ? {} : { after: this.#cursor }
    const result = (await this.#repeat(method, { ...params, ...after })) as RpcResult
    expect(result.missed).toBeUndefined()
    for (const message of result.messages) {
      // A repeated answer may bring messages that were received already.
      if (message.seq > (this.received.at(-1)?.seq ?? 0)) this.received.push(message)
    }
    this.#cursor = Math.max(this.#cursor, result.cursor)
    return result
  }

  /** Makes a call until a server answers it. */
  async #repeat(method: string, params: Readonly<Record<string, unknown>>): Promise<unknown> {
    const began = performance.now()
    let problem = ''
    for (let tried = 0; performance.now() - began < GIVE_UP_MS; tried++) {
      const addresses = this.#addresses()
      const url = addresses[(tried + this.#random(addresses.length)) % addresses.length]!
      try {
        const response = await fetch(`${url}/rpc`, {
          method: 'POST',
          signal: AbortSignal.timeout(TRY_MS),
          headers: {
            'content-type': 'application/json',
            ...(this.#token !== '' && { authorization: `Bearer ${this.#token}` }),
          },
          body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
        })
        // A server that ends says so with 503 and no JSON-RPC.
        if (response.status >= 500) throw new Error(`HTTP ${response.status}`)
        const { result, error } = (await response.json()) as { result?: unknown; error?: RpcError }
        if (!error) {
          this.answers++
          this.longest = Math.max(this.longest, performance.now() - began)
          return result
        }
        problem = `${error.code} ${error.message}`
        if (error.code !== 40013 && error.code !== 40003) break
      } catch (error) {
        problem = `${error}`
      }
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
    }
    throw new Error(`${this.name}: ${method} ${JSON.stringify(params)} failed: ${problem}`)
  }
}
