export { type AskOptions, speaksMidsentence } from './speaks-midsentence.ts'
export { type SseTransportOptions, sseTransport } from './transport.ts'
