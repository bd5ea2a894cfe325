import type { RuleId } from '../../kit/rules.ts'
import type { Report, RuleOutcome } from './report.ts'

export type FailedOutcome = Extract<RuleOutcome, { readonly outcome: 'fail' }>

/**
 * The rules of a server in the order in which their checks build on each other: a check of a later rule uses what the
 * earlier ones are about. So the first broken rule is the likeliest cause of the others.
 */
const order: readonly RuleId[] = [
  // A call reaches the server, and has a session.
  ...(['W5', 'W6', 'W7', 'A1', 'A10', 'A2', 'A7', 'A6'] as const),
  // A draft, without other participants.
  ...(['T4', 'T1', 'T2', 'T3', 'D5', 'S1', 'S2', 'D1', 'D2', 'D3', 'D4', 'D7', 'W4', 'P2', 'A3', 'A5'] as const),
  // A message, and its readers.
  ...(['P1', 'C1', 'P7', 'H1', 'W2', 'W3', 'L5', 'W1', 'L4', 'L2', 'B1', 'B2', 'H4', 'P3'] as const),
  // Repeated calls, cursors that a caller names, and calls that wait.
  ...(['P4', 'R1', 'R2', 'R4', 'R3', 'D6', 'L6', 'C2', 'C3', 'C4', 'R5'] as const),
  // Floors, and random calls of several participants.
  ...(['F1', 'F5', 'F6', 'F2', 'F3', 'F4', 'F7', 'P5', 'L1', 'P6', 'H2', 'A4', 'A8', 'A11'] as const),
  ...(['V1', 'V2', 'V3', 'H3', 'V4', 'V5', 'L3', 'L7', 'Y1', 'Y2', 'Y3', 'Y4', 'Y5'] as const),
  // Scores, and the list of rooms.
  ...(['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9'] as const),
  // Forms, and what only some servers have.
  ...(['Z1', 'Z2', 'Z3', 'Z4', 'G1', 'L10', 'W8'] as const),
]

const placeOf = ({ id }: { readonly id: RuleId }): number => {
  const at = order.indexOf(id)
  return at < 0 ? order.length : at
}

/** Sorts rules by how likely each is the cause of the others, likeliest first. */
export const likeliestFirst = <Rule extends { readonly id: RuleId }>(broken: readonly Rule[]): readonly Rule[] =>
  broken.toSorted((one, other) => placeOf(one) - placeOf(other))

/** Lists the broken rules of a report, the likeliest cause first. */
export const findingsOf = ({ outcomes }: Report): readonly FailedOutcome[] =>
  likeliestFirst(outcomes.filter((one): one is FailedOutcome => one.outcome === 'fail'))
