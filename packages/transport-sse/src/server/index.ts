export { type FetchHandler, type FetchHandlerOptions, fetchHandler } from './fetch/fetch-handler.ts'
export { type SseHandlers, type SseHandlersOptions, sseHandlers } from './node/handlers.ts'
export { inTurn, isPending, stopReading } from './node/in-turn.ts'
export { type NodeHost, reportUnread } from './node/node-exchange.ts'
