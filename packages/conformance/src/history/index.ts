export { checkHistory } from './check-history.ts'
export type { CallRef, HistoryFinding } from './finding.ts'
export type { CallAction, CallerTrace, LogEntry, RecordedAnswer, RecordedCall, RecordedHistory } from './history.ts'
export { type CallInput, type CallRecorder, type HistoryRecorder, historyRecorder } from './history-recorder.ts'
