export { type DraftFunctions, type DraftRule, draftRules } from './functions/draft-rules.ts'
export type { RoomFunctions, RoomRule } from './functions/room-functions.ts'
export { roomRules } from './functions/room-rules.ts'
export { type RenderAnswer, type TextRule, textRules } from './functions/text-rules.ts'
export { type GoldenBench, playTranscript } from './golden/play-transcript.ts'
export type { GoldenRequest, GoldenServer, GoldenStep, Transcript } from './golden/transcript.ts'
export type { HubBench, HubParts } from './hubs/hub-harness.ts'
export type { HubRule } from './hubs/hub-rule.ts'
export { hubRules } from './hubs/hub-rules.ts'
export { testHub } from './hubs/test-hub.ts'
export { type Rule, type RuleId, rule, rules } from './kit/rules.ts'
export { texts, textsAround } from './kit/texts.ts'
export type {
  Ability,
  OpenStream,
  ServerBench,
  ServerSetup,
  StreamEvent,
  StreamRequest,
} from './server/server-harness.ts'
export type { ServerRule } from './server/server-rule.ts'
export { serverRules } from './server/server-rules.ts'
export { testServer } from './server/test-server.ts'
export { journalRules } from './stores/journal-rules.ts'
export { roomLogRules } from './stores/room-log-rules.ts'
export { sessionLogRules } from './stores/session-log-rules.ts'
export type { Closable, StoreAbility, StoreBench, StoreSetup } from './stores/store-harness.ts'
export type { StoreRule } from './stores/store-rule.ts'
export { testJournal, testRoomLog, testSessionLog } from './stores/test-store.ts'
export { type TestTransportOptions, testTransport } from './transport/test-transport.ts'
export type { Bench, Setup } from './transport/transport-harness.ts'
export type { RunOptions, TransportRule } from './transport/transport-rule.ts'
export { transportRules } from './transport/transport-rules.ts'
