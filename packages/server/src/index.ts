export type { Hub, HubOptions } from '@midsentence/core/hub'
export type { Door } from './front-door.ts'
export { type RunningServer, type ServerOptions, startServer } from './start-server.ts'
export { curl, curlEvents, shellQuoted, type WaysIn, waysIn } from './ways-in.ts'
