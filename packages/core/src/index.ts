export {
  type AppendChange,
  append,
  type DraftChange,
  type DraftLimits,
  defaultLimits,
  reset,
  type Status,
  undo,
} from './draft/decide.ts'
export type { DraftEvent } from './draft/events.ts'
export { type Draft, emptyDraft, evolve, type Segment, segmentsOf, textOf } from './draft/evolve.ts'
export { SUFFIX_LENGTH, suffixOf } from './draft/suffix.ts'
export { codePoints, truncate } from './draft/truncate.ts'
export {
  type ErrorCode,
  type ErrorData,
  errorFromRpc,
  isMidsentenceError,
  MidsentenceError,
  rpcNumbers,
} from './errors.ts'
export { type LinkedSignal, linkSignals, type SignalLimit } from './link-signals.ts'
export type { CheckOptions, PushOptions } from './machine/action-options.ts'
export type {
  ActionAnswer,
  AnswerBase,
  AppendAnswer,
  CheckAnswer,
  DraftAnswer,
  HeldAnswer,
  PreviewAnswer,
  PushAnswer,
  SentAnswer,
} from './machine/answers.ts'
export type { MachineInput, View } from './machine/context.ts'
export type { EmittedEvent, ParticipantCommand, ParticipantEvent } from './machine/events.ts'
export { type JoinOptions, join } from './machine/join.ts'
export { Participant } from './machine/participant.ts'
export { participantMachine } from './machine/participant-machine.ts'
export { memoryJournal } from './memory/memory-journal.ts'
export { type MemoryLogOptions, memoryLog } from './memory/memory-log.ts'
export { memorySessions } from './memory/memory-sessions.ts'
export { needsSnapshot, type Retention, roomLevel } from './memory/retention.ts'
export { systemClock } from './memory/system-clock.ts'
export { type VirtualClock, virtualClock } from './memory/virtual-clock.ts'
export { compact, evolveParticipant, newParticipant, type ParticipantState, replay } from './participant/evolve.ts'
export { checkFacts, type Fact, isFact } from './participant/facts.ts'
export { cursorOf } from './participant/inbox.ts'
export type { Cancel, Clock } from './ports/clock.ts'
export type { Journal } from './ports/journal.ts'
export { type Monitor, noopMonitor } from './ports/monitor.ts'
export {
  type Admission,
  type AdmissionRequest,
  type ContentVerdict,
  defaultPolicy,
  defaultRoomAccess,
  type Policy,
  type RoomAccess,
} from './ports/policy.ts'
export type { Position, RoomLog, RoomRecord, Snapshot, SnapshotStore } from './ports/room-log.ts'
export type { ScoreEnd, ScoreLog } from './ports/score-log.ts'
export type { SessionLog, SessionRecord } from './ports/session-log.ts'
export type {
  Durability,
  Inbound,
  Link,
  OpenRequest,
  OpenResult,
  PublishRequest,
  SessionIdentity,
  Since,
  Support,
  Supports,
  Transport,
  Verdict,
} from './ports/transport.ts'
export { type Crossed, crossedBetween } from './room/crossed.ts'
export { type DecisionContext, decideRoom, nextDeadline, type RoomCommand } from './room/decide.ts'
export { emptyRoom, evolveRoom, type RoomState } from './room/evolve.ts'
export type { RoomFact } from './room/facts.ts'
export { defaultLoopSettings, type LoopSettings } from './room/loop-guard.ts'
export type { Floor, LogDurability, Message, Seq } from './room/message.ts'
export { colonLike, invisible, nameKey, numberedName, quotedName } from './room/names.ts'
export { pageSize, shownLength } from './room/page.ts'
export { readMessage } from './room/read-message.ts'
export { defaultRoomSettings, type RoomPolicy, type RoomSettings } from './room/settings.ts'
export type { ScoreLane, ScoreState } from './score/evolve.ts'
export type { ScoredParticipant, ScoreEvent, ScoreRecord } from './score/records.ts'
