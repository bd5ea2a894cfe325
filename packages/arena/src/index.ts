export { isAcknowledgement } from './acknowledgement.ts'
export { meanOf, ratioOf, sample } from './measures/compare.ts'
export { defaultPrices, type Measures, measure, type Prices } from './measures/measure.ts'
export { brokenPromises } from './measures/promises.ts'
export { type JudgedPushes, judgedPushesOf } from './measures/pushes.ts'
export { bootstrap, type Interval } from './measures/statistics.ts'
export { policies } from './policies/policies.ts'
export type { Admittance, CoordinationPolicy } from './policies/policy.ts'
export { type RandomStream, randomFrom } from './random.ts'
export { authorNames, type Lineup, lineups } from './run/lineup.ts'
export type { AuthorSession, ObservedCall } from './run/observed-calls.ts'
export { type AuthorRun, type ObservedMessage, type RunResult, type RunSetting, run } from './run/run.ts'
export type { TraceEvent } from './run/trace.ts'
export { allScenarios } from './scenarios/all-scenarios.ts'
export { counting } from './scenarios/counting.ts'
export { debate } from './scenarios/debate.ts'
export { meeting } from './scenarios/meeting.ts'
export { politeLoop } from './scenarios/polite-loop.ts'
export { pooledNumbers } from './scenarios/pooled-numbers.ts'
export type { Prose } from './scenarios/prose.ts'
export {
  dealTask,
  type News,
  PERSON,
  type Plan,
  runSerially,
  type Scenario,
  type Task,
  type TaskMessage,
} from './scenarios/scenario.ts'
export { aboutProfiles, drawWriter, profiles, type WriterProfile, type WriterTraits } from './writers/writer.ts'
