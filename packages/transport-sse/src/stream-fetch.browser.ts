import type { StreamFetch } from './stream-fetch.ts'

/** The page's own `fetch`. */
export const streamFetch: StreamFetch = (url, init) => globalThis.fetch(url, init)
