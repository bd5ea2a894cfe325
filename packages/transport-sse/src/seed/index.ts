export type { Backoff } from '@midsentence/core/rpc-client'
export type { StreamFetch, StreamRequest } from '../stream-fetch.ts'
export { type SeedHandlers, type SeedHandlersOptions, seedHandlers } from './server/handlers.ts'
export { type SeedTransportOptions, seedTransport } from './transport.ts'
