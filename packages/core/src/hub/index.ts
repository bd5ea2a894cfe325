export { type MemoryScoresOptions, memoryScores, SCORE_BYTES } from '../memory/memory-scores.ts'
export {
  EXPORT_VERSION,
  type ExportedHead,
  type ExportLine,
  invalidExport,
  logIdOf,
  parseExportLine,
} from '../ports/export-line.ts'
export { cutByTime, groupOf, type ScoreGroup } from '../score/cut.ts'
export { emptyScore, evolveScore, stateEventOf } from '../score/evolve.ts'
export type { CallOutcome, IdempotencyRecord, PersistedSession, SessionFact } from '../session/facts.ts'
export { type AdmissionDeps, admitted } from './access/admission.ts'
export { callCosts } from './access/call-cost.ts'
export { assertRoomName, validName } from './access/names.ts'
export type { CallRate } from './access/rate-limit.ts'
export { withDeadline } from './access/with-deadline.ts'
export { noLoad } from './admin.ts'
export { defaultBounds, type HubBounds } from './bounds.ts'
export { type HeartbeatConnection, Heartbeats } from './heartbeats.ts'
export { openHub } from './hub.ts'
export type {
  ClusterLoad,
  Hub,
  HubLoad,
  HubSession,
  LocalAdmin,
  LocalSession,
  ParticipantInfo,
  RoomAdmin,
  RoomInfo,
  RoomList,
} from './hub-api.ts'
export { roomUnavailable, unknownToken } from './hub-errors.ts'
export type { HubOptions } from './hub-options.ts'
export { defaultTimes, type SessionTimes } from './lifetime/session-expiry.ts'
export { mountPath, type RequestUrl, targetBelow } from './request-target.ts'
export type {
  ActionRequest,
  AppendRequest,
  CallOptions,
  CheckRequest,
  CursorSnapshot,
  JoinRequest,
  JoinResult,
  KeyedRequest,
  ListedRoom,
  PresenceChange,
  PresentParticipant,
  PublishMessageRequest,
  PushRequest,
  ResumeResult,
  RoomListener,
  RoomObserver,
  RoomSubscription,
  RoomTerms,
  ScoreListener,
  ScoreSubscription,
  WatchRequest,
  WhoResult,
} from './requests.ts'
export { saveRoomSnapshot } from './room/load-room.ts'
export { PresenceBacklog } from './room/presence-backlog.ts'
export { accessOf } from './room/room.ts'
