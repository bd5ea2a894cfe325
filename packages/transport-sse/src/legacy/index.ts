export type { Backoff } from '@midsentence/core/rpc-client'
export type { StreamFetch, StreamFetchInit } from '../stream-fetch.ts'
export { type LegacyTransportOptions, legacyTransport } from './legacy-transport.ts'
export { type LegacyHandlers, type LegacyHandlersOptions, legacyHandlers } from './server/handlers.ts'
