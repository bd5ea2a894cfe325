export type { Hub, HubSession } from './application.ts'
export { defaultTimes, type SessionTimes } from './attendance.ts'
export type { CallRate } from './budget.ts'
export { type Connection, Connections } from './connections.ts'
export { type HubOptions, openHub } from './hub.ts'
export type { Keeper, KeptParticipant, KeptRoom, Load } from './keeping.ts'
export type {
  ActionRequest,
  AppendRequest,
  Arrival,
  CheckRequest,
  Entrance,
  JoinRequest,
  KeyedRequest,
  Listener,
  Listening,
  Manner,
  Observer,
  Present,
  PublishWholeRequest,
  PushRequest,
  Reentrance,
  WhoAnswer,
} from './requests.ts'
export type { Kept, KeptSession, Outcome, SessionFact } from './session-facts.ts'
