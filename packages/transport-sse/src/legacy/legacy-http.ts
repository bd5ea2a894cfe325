import type { Clock } from '@midsentence/core'
import type { FetchLikeResponse } from 'eventsource'
import type { StreamFetch } from '../stream-fetch.ts'

export interface LegacyReply {
  readonly status: number
  /** The server did it, and said so as this server does. */
  readonly success: boolean
}

/** Answers are read up to so many bytes. */
const MAX_REPLY = 2 ** 16

/** Requests to the seed's server: each is answered, or rejects when its time is over, when ended, or when it fails. */
export class LegacyHttp {
  readonly #base: string
  readonly #fetch: StreamFetch
  readonly #clock: Clock
  readonly #underWay = new Set<(reason: Error) => void>()

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
        this.#underWay.delete(end)
      }
      this.#underWay.add(end)
      this.#request(path, JSON.stringify(body), abort.signal).then(resolve, reject).finally(finish)
    })
  }

  /** Lets every request under way reject. */
  abortAll(): void {
    for (const end of [...this.#underWay]) end(new Error('The line was closed.'))
  }

  async #request(path: string, body: string, signal: AbortSignal): Promise<LegacyReply> {
    const headers = { 'content-type': 'application/json', accept: 'application/json' }
    const response = await this.#fetch(`${this.#base}${path}`, { method: 'POST', headers, body, signal })
    const { status } = response
    if (status === 200) return { status, success: isSuccess(await textOf(response)) }
    await response.body?.getReader().cancel()
    return { status, success: false }
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
