import type { StreamFetch } from './stream-fetch.ts'

/** In a browser the page keeps itself alive: its own `fetch` does. */
export const streamFetch: StreamFetch = (url, init) => globalThis.fetch(url, init)
