export { checkHistory } from './check-history.ts'
export type { CallPlace, Finding } from './finding.ts'
export type { Action, Call, Entry, History, Told, Witness } from './history.ts'
export { type Calling, type Recording, recording, type WitnessRecorder } from './recording.ts'
