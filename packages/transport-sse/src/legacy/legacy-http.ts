import type { Clock } from '@midsentence/core'
import { redirectTarget } from '@midsentence/core/rpc-client'
import type { FetchLikeResponse } from 'eventsource'
import { redirectOf } from '../redirect-of.ts'
import type { StreamFetch } from '../stream-fetch.ts'

export interface LegacyReply {
  readonly status: number
  /** True if the body is `{"success": true}`. */
  readonly success: boolean
  /** The address that a redirect names. */
  readonly redirectTo?: string
}

/** Characters of an answer to read at most. */
const MAX_REPLY = 2 ** 16

/** Sends requests to the Python server. Each rejects on failure, after its timeout, or after `abortAll`. */
export class LegacyHttp {
  readonly #base: string
  readonly #fetch: StreamFetch
  readonly #clock: Clock
  readonly #inFlight = new Set<(reason: Error) => void>()

  constructor(base: string, fetch: StreamFetch, clock: Clock) {
    this.#base = base
    this.#fetch = fetch
    this.#clock = clock
  }

  post(path: string, body: object, ms: number): Promise<LegacyReply> {
    return new Promise((resolve, reject) => {
      const abort = new AbortController()
      const end = (reason: Error) => {
        finish()
        reject(reason)
        abort.abort()
      }
      const cancel = this.#clock.after(ms, () => end(new Error(`No answer came within ${ms / 1000} seconds.`)))
      const finish = () => {
        cancel()
        this.#inFlight.delete(end)
      }
      this.#inFlight.add(end)
      this.#request(path, JSON.stringify(body), abort.signal).then(resolve, reject).finally(finish)
    })
  }

  /** Rejects every request in flight. */
  abortAll(): void {
    for (const end of [...this.#inFlight]) end(new Error('The transport was closed.'))
  }

  async #request(path: string, body: string, signal: AbortSignal): Promise<LegacyReply> {
    const headers = { 'content-type': 'application/json', accept: 'application/json' }
    const url = `${this.#base}${path}`
    const response = await this.#fetch(url, { method: 'POST', headers, body, signal })
    const { status } = response
    const redirectTo = redirectTarget(redirectOf(response), url, path)
    const moved = redirectTo === undefined ? {} : { redirectTo }
    if (status === 200) return { status, success: isSuccess(await textOf(response)), ...moved }
    await response.body?.getReader().cancel()
    return { status, success: false, ...moved }
  }
}

async function textOf({ body }: FetchLikeResponse): Promise<string> {
  const reader = body?.getReader()
  if (!reader) return ''
  const decoder = new TextDecoder()
  let text = ''
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    text += decoder.decode(next.value as Uint8Array, { stream: true })
    if (text.length > MAX_REPLY) {
      await reader.cancel()
      return ''
    }
  }
  return text
}

function isSuccess(text: string): boolean {
  try {
    const reply: unknown = JSON.parse(text)
    return typeof reply === 'object' && reply !== null && 'success' in reply && reply.success === true
  } catch {
    return false
  }
}
