/**
 * Rules of pure functions, for the tests of this repository. The entry point is not published: the functions are those of
 * `core` and `client`, which users do not replace.
 */

export { everyFact, everyRoomRecord, everySessionRecord } from '../stores/every-field.ts'
export { type DraftFunctions, draftRules } from './draft-rules.ts'
export type { RoomFunctions } from './room-functions.ts'
export { roomRules } from './room-rules.ts'
export { type RenderAnswer, textRules } from './text-rules.ts'
