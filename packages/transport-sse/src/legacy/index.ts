export type { Backoff } from '@midsentence/core/rpc-client'
export type { StreamFetch, StreamRequest } from '../stream-fetch.ts'
export { type LegacyHandlers, type LegacyHandlersOptions, legacyHandlers } from './server/handlers.ts'
export { type LegacyTransportOptions, legacyTransport } from './transport.ts'
