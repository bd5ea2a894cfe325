export { type SseHandlers, type SseHandlersOptions, sseHandlers } from './handlers.ts'
