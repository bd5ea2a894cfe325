export { streamFetch } from '#stream-fetch'
export type { StreamFetch, StreamFetchInit } from '../stream-fetch.ts'
export { probeServer, type ServerProbeOptions } from './probe-server.ts'
export { type SseTransportOptions, sseTransport } from './sse-transport.ts'
