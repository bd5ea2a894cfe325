export { type GoldenHarness, playTranscript } from './golden/play-transcript.ts'
export type { GoldenRequest, GoldenServer, GoldenStep, GoldenTranscript } from './golden/transcript.ts'
export type { HubHarness, HubParts } from './hubs/hub-harness.ts'
export { type HubRule, hubRules } from './hubs/hub-rules.ts'
export { testHub } from './hubs/test-hub.ts'
export { CrashableLogs, type HubLogs, type LogDelays, type ProcessLogs, type WriteQueue } from './kit/crashable-logs.ts'
export { type Rule, type RuleId, rule, rules } from './kit/rules.ts'
export type { RunOptions, TestOptions } from './kit/run-options.ts'
export { texts, textsAround } from './kit/texts.ts'
export type {
  EventStreamRequest,
  OpenEventStream,
  ScoreStreamRequest,
  ServerAbility,
  ServerHarness,
  ServerSetup,
  StreamEvent,
} from './server/server-harness.ts'
export type { ServerRule } from './server/server-rule.ts'
export { serverRules } from './server/server-rules.ts'
export { testServer } from './server/test-server.ts'
export { journalRules } from './stores/journal-rules.ts'
export { roomLogRules } from './stores/room-log-rules.ts'
export { scoreLogRules } from './stores/score/score-log-rules.ts'
export { sessionLogRules } from './stores/session-log-rules.ts'
export type { Closable, StoreAbility, StoreHarness, StoreSetup } from './stores/store-harness.ts'
export type { StoreRule } from './stores/store-rule.ts'
export { testJournal, testRoomLog, testScoreLog, testSessionLog } from './stores/test-store.ts'
export { testTools } from './tools/test-tools.ts'
export type { ToolRequest, ToolsHarness, ToolsSetup } from './tools/tools-harness.ts'
export { type ToolsRule, toolsRules } from './tools/tools-rules.ts'
export { type ScenarioRooms, scenarioRooms } from './transport/scenario-rooms.ts'
export { testTransport } from './transport/test-transport.ts'
export type { TransportHarness, TransportOffers, TransportSetup } from './transport/transport-harness.ts'
export { reasonToSkip, type TransportNeed, type TransportRule } from './transport/transport-rule.ts'
export { transportRules } from './transport/transport-rules.ts'
