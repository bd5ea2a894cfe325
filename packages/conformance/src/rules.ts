/** The rules of SPEC.md by id, each with its title. A test of this repository holds the two against each other. */
const titles = {
  D1: 'The draft is its surviving segments, joined',
  D2: 'Append and undo cancel out',
  D3: 'Undo takes the newest first',
  D4: 'A reset draft is empty',
  D5: 'An append says what became of it',
  T1: 'What is kept is a prefix',
  T2: 'A cut falls between clusters',
  T3: 'A draft has a maximum',
  T4: 'Text is kept as it came',
  S1: 'A suffix is a suffix',
  S2: 'A suffix is short and begins on a boundary',
  E1: 'Draft events give the draft',
  E2: 'Facts give the participant',
  P1: 'A push sends the preview',
  P2: 'An empty push sends nothing',
  P3: 'A push that was not sent changes nothing',
  P4: 'One key, one effect',
  P5: 'Actions take effect in call order',
  P6: 'Nobody is held for ever',
  H1: 'Held exactly when something was unseen',
  H2: 'A room that annotates always sends',
  H3: 'A message names what it crossed',
  F1: 'Three counted holds earn the floor',
  F2: 'A floor ends',
  F3: 'Who had the floor rests',
  F4: 'One floor at a time, in order',
  F5: 'Waiting in vain counts',
  L1: 'Every message once, in order',
  L2: 'One order for all',
  L3: 'A gap is never passed over in silence',
  L4: 'One hears others, not oneself',
  L5: 'A backlog comes in pages',
  C1: 'A check tells the truth',
  C2: 'The later check takes over',
  C3: 'A cancelled check loses nothing',
  R1: 'A repeated call is told what it was told',
  R2: 'A key is for one call',
  R3: 'Nobody claims more than was shown',
  R4: 'What was lost is asked for again',
  A1: 'A token is the only proof',
  A2: 'A name is unique and plain',
  A3: 'A session outlives its connections',
  A4: 'A session lapses',
  A5: 'Leaving frees the name',
  W1: 'JSON-RPC 2.0, to the letter',
  W2: 'A batch knows what was known before it',
  W3: 'A notification acts, and is told nothing',
  W4: 'Nothing changes in silence',
  V1: 'One message is one event',
  V2: 'A stream goes on where it was',
  V3: 'A stream says why it is none',
  N1: 'Writing never waits for the network',
  X1: 'Nobody speaks in another name',
  O1: 'Open and close have defined outcomes',
  O2: 'Loss is a value',
  O3: 'Nothing is lost before the first subscriber',
  J1: 'A killed participant goes on mid-sentence',
  G1: 'A server that is killed goes on where it was',
  M1: 'Every event has an outcome in every state',
  M2: 'Machine and fold agree',
} as const

export type RuleId = keyof typeof titles

export interface Rule {
  readonly id: RuleId
  readonly title: string
}

/** The rule called `id`, to title a test with. */
export const rule = (id: RuleId): Rule => ({ id, title: titles[id] })

/** Every rule, in the order of SPEC.md. */
export const rules: readonly Rule[] = (Object.keys(titles) as RuleId[]).map(rule)
