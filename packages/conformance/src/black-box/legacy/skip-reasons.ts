import type { RuleId } from '../../kit/rules.ts'

const because = (reason: string, ...ids: RuleId[]): readonly (readonly [RuleId, string])[] =>
  ids.map(id => [id, reason] as const)

/** The rules about servers that the legacy dialect cannot keep, with the reason. */
export const skipReasons: ReadonlyMap<RuleId, string> = new Map([
  ...because(
    'The client keeps the draft: this dialect takes whole messages.',
    ...(['D1', 'D2', 'D3', 'D4', 'D5', 'D6', 'T1', 'T2', 'T3', 'T4', 'S1', 'S2'] as const),
  ),
  ...because('There is no push. The client itself refuses to send nothing.', 'P2'),
  ...because(
    'There are no holds: every message is sent at once, and the client holds by the messages it has.',
    'P3',
    'H1',
    'H2',
  ),
  ...because('There are no keys: a repeated message is sent again.', 'P4', 'R1', 'R2'),
  ...because('There is no verdict to wait for.', 'P5', 'P7'),
  ...because('There is no floor, since no push is held.', 'P6', 'F1', 'F2', 'F3', 'F4', 'F5', 'F6'),
  ...because('Messages have no seqs, so none can list another.', 'H3'),
  ...because('A message has a sender, a content and a time of day, and nothing else.', 'B1', 'B2'),
  ...because(
    'Messages have no seqs, so messages lost in a disconnect cannot be requested.',
    'L3',
    'L7',
    'V2',
    'V4',
    'R4',
  ),
  ...because('There are no pages: a stream brings everything.', 'L5'),
  ...because('The dialect does not tell who is writing.', 'L10'),
  ...because('There is no check: a stream brings messages when they arrive.', 'C1', 'C2', 'C3'),
  ...because('There are no cursors.', 'R3', 'L6'),
  ...because('There are no tokens: every client that knows a name can send under it.', 'A1', 'A3', 'A6'),
  ...because('A name stays registered until it is unregistered.', 'A4'),
  ...because('A stream begins at its first message, and nothing before it can be requested.', 'A7'),
  ...because('There are no hosted drafts to observe.', 'A8'),
  ...because('The dialect is not JSON-RPC.', 'W1', 'W2', 'W3', 'W8'),
  ...because('The dialect has no error for a refused content.', 'Y3'),
  ...because('The dialect does not say who is a person.', 'Y5'),
  ...because('The dialect has no meta that says that a model wrote.', 'Y4'),
  ...because('The dialect has no scores and no list of rooms.', 'I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9'),
  ...because('The dialect promises nothing after a restart, and the black box kills no server.', 'G1'),
])
