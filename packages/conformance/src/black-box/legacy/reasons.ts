import type { RuleId } from '../../kit/rules.ts'

const because = (reason: string, ...ids: RuleId[]): readonly (readonly [RuleId, string])[] =>
  ids.map(id => [id, reason] as const)

/** The rules about servers that this dialect cannot hold, each with the reason. */
export const reasons: ReadonlyMap<RuleId, string> = new Map([
  ...because(
    'A draft is kept by the client: this dialect takes whole messages.',
    ...(['D1', 'D2', 'D3', 'D4', 'D5', 'T1', 'T2', 'T3', 'T4', 'S1', 'S2'] as const),
  ),
  ...because('There is no push: to send nothing is left to the client to refuse.', 'P2'),
  ...because(
    'There are no holds: what is sent is sent at once, and the client holds by what it has.',
    'P3',
    'H1',
    'H2',
  ),
  ...because('There are no keys: what is sent again is said again.', 'P4', 'R1', 'R2'),
  ...because('There is no verdict to wait for.', 'P5'),
  ...because('There is no floor, since nobody is held.', 'P6', 'F1', 'F2', 'F3', 'F4', 'F5'),
  ...because('Messages have no numbers, so none can name another.', 'H3'),
  ...because(
    'Messages have no numbers: what was written to a stream that broke cannot be asked for.',
    'L3',
    'V2',
    'R4',
  ),
  ...because('There are no pages: a stream brings everything.', 'L5'),
  ...because('There is no check: a stream brings messages as they come.', 'C1', 'C2', 'C3'),
  ...because('There are no cursors to claim.', 'R3'),
  ...because('There are no tokens: whoever knows a name speaks under it.', 'A1', 'A3'),
  ...because('A name is kept until it is unregistered.', 'A4'),
  ...because('It is no JSON-RPC.', 'W1', 'W2', 'W3'),
  ...because('It promises nothing over a restart, and this does not kill servers.', 'G1'),
])
