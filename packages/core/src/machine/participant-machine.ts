import type { AnyStateMachine } from 'xstate'
import { participantChart } from './machine.ts'

/**
 * The state chart of a participant, for XState's tools. Its input is `MachineInput`, its events are `ParticipantEvent` and it
 * emits `EmittedEvent`. The type names none of XState's type parameters, whose number differs between its versions.
 */
export const participantMachine: AnyStateMachine = participantChart
