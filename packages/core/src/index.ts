export {
  type ErrorCode,
  type ErrorData,
  isMidsentenceError,
  MidsentenceError,
  rpcNumbers,
} from './errors.ts'
export type { Cancel, Clock } from './ports/clock.ts'
export type { Journal } from './ports/journal.ts'
export { type ContentVerdict, defaultPolicy, type Policy } from './ports/policy.ts'
export type { Position, RoomLog, RoomRecord } from './ports/room-log.ts'
export type {
  Durability,
  Hello,
  Inbound,
  Link,
  PublishRequest,
  Session,
  Support,
  Supports,
  Transport,
  Verdict,
  Welcome,
} from './ports/transport.ts'
