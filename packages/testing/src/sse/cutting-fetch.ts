import { type StreamFetch, streamFetch } from '@midsentence/transport-sse/client'

/** A fetch whose next stream breaks after `limit` bytes. Later streams have no limit. */
export class CuttingFetch {
  limit = Number.POSITIVE_INFINITY
  /** Bytes of the last stream that came through. */
  passed = 0

  readonly fetch: StreamFetch = async (url, init) => {
    const response = await streamFetch(url, init)
    const reader = response.body?.getReader()
    if (init.method === 'POST' || !reader) return response
    const limit = this.limit
    this.limit = Number.POSITIVE_INFINITY
    this.passed = 0
    const read = async (): Promise<{ done: false; value: Uint8Array }> => {
      const left = limit - this.passed
      const next = left > 0 ? await reader.read() : undefined
      if (!next || next.done) {
        await reader.cancel()
        throw Object.assign(new Error('cut'), { code: 'ECONNRESET' })
      }
      const value = (next.value as Uint8Array).subarray(0, left)
      this.passed += value.length
      return { done: false, value }
    }
    const { status, url: at, redirected, headers } = response
    return { status, url: at, redirected, headers, body: { getReader: () => ({ read, cancel: reader.cancel }) } }
  }
}
