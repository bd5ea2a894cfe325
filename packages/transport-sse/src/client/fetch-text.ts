import { streamFetch } from '#stream-fetch'
import type { StreamFetch } from '../stream-fetch.ts'
import { readBody } from './read-body.ts'

export interface FetchTextOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly fetch?: StreamFetch
  readonly signal?: AbortSignal
}

/** Gets `url`. Resolves with the status and the whole body. Rejects if the connection breaks. */
export async function fetchText(
  url: string,
  { headers = {}, fetch = streamFetch, signal }: FetchTextOptions = {},
): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(url, { headers, ...(signal && { signal }) })
  return { status: response.status, text: await readBody(response) }
}
