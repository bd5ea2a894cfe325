export type { CallOutcome, IdempotencyRecord, PersistedSession, SessionFact } from '../session/facts.ts'
export type { CallRate } from './access/rate-limit.ts'
export { type HeartbeatConnection, Heartbeats } from './heartbeats.ts'
export { type HubOptions, openHub } from './hub.ts'
export type { Hub, HubLoad, HubSession, ParticipantInfo, RoomAdmin, RoomInfo } from './hub-api.ts'
export type {
  ActionRequest,
  AppendRequest,
  CallOptions,
  CheckRequest,
  CursorSnapshot,
  JoinRequest,
  JoinResult,
  KeyedRequest,
  PresentParticipant,
  PublishMessageRequest,
  PushRequest,
  ResumeResult,
  RoomListener,
  RoomObserver,
  RoomSubscription,
  WhoResult,
} from './requests.ts'
export { defaultTimes, type SessionTimes } from './session/session-expiry.ts'
