import type { RuleId } from '../kit/rules.ts'
import type { Asked, Called, Outcome } from './reference/reference-room.ts'

/** What of an answer can be foretold. */
const looked = [
  'status',
  'held',
  'seq',
  'crossed',
  'crossed_more',
  'floor',
  'draft',
  'length',
  'segments',
  'accepted',
  'dropped',
  'suffix',
  'messages',
  'more',
  'cursor',
] as const
type Field = (typeof looked)[number]

const fields: Readonly<Record<Exclude<Field, 'status' | 'held' | 'floor'>, RuleId>> = {
  seq: 'L2',
  crossed: 'H3',
  crossed_more: 'H3',
  draft: 'D1',
  length: 'D1',
  segments: 'D1',
  accepted: 'D5',
  dropped: 'D5',
  suffix: 'S1',
  messages: 'L1',
  more: 'L5',
  cursor: 'L5',
}

const actions: Readonly<Record<Asked['action'], RuleId>> = {
  append: 'D5',
  undo: 'D3',
  reset: 'D4',
  preview: 'D1',
  push: 'H1',
  publish: 'H1',
  check: 'C1',
}

/** The rule that `found` breaks where the reference says `expected`, and what differs; undefined where nothing does. */
export function difference(
  called: Called,
  expected: Outcome | undefined,
  found: Outcome | undefined,
  policy: 'hold' | 'annotate',
): { readonly rule: RuleId; readonly what: string } | undefined {
  const { asked, again } = called
  const differs = (rule: RuleId, what: string) => ({ rule, what })
  const by = (rule: RuleId): RuleId => {
    if (again) return expected && 'error' in expected && !again.outcome ? 'R2' : 'R1'
    if (asked.silent) return 'W3'
    if (asked.batch && rule === 'H1') return 'W2'
    return rule
  }
  if (!expected && !found) return undefined
  const { action } = asked
  const pushes = action === 'push' || action === 'publish'
  if (!expected) return differs(by(pushes ? 'F4' : action === 'check' ? 'C1' : 'P5'), 'it ended, and should wait')
  if (!found) return differs(by(pushes ? 'F4' : action === 'check' ? 'C2' : 'P5'), 'it should have ended, and waits')
  if ('error' in expected || 'error' in found) {
    if (expected.error === found.error) return undefined
    const told = `it should be ${tell(expected)}, and is ${tell(found)}`
    if (again) return differs(again.asked.action === asked.action ? by('R1') : 'R2', told)
    if (expected.error === 'no-draft') return differs('P2', told)
    if (expected.error === 'session-unknown') return differs('A5', told)
    if (expected.error === 'invalid-params') return differs('R3', told)
    return differs(by(actions[action]), told)
  }
  for (const field of looked) {
    const [due, got] = [JSON.stringify(expected[field]), JSON.stringify(found[field])]
    if (due === got) continue
    const what = `${field} should be ${due}, and is ${got}`
    return differs(by(ruleOf(field, called, expected, found, policy)), what)
  }
  return undefined
}

function ruleOf(field: Field, { asked }: Called, expected: Outcome, found: Outcome, policy: string): RuleId {
  const { action, after, base } = asked
  const pushes = action === 'push' || action === 'publish'
  const floor = 'floor' in expected || 'floor' in found
  if (field === 'floor') return pushes && isOf(expected) !== isOf(found) ? 'F1' : 'F2'
  if (field === 'status' || field === 'held') {
    if (pushes && policy === 'annotate') return 'H2'
    if (action === 'check' && seqsOf(expected) !== seqsOf(found)) return 'L1'
    return pushes && floor ? 'F4' : actions[action]
  }
  if ((field === 'messages' || field === 'cursor') && (after ?? base) !== undefined) return 'R4'
  if (field === 'messages' && seqsOf(expected) === seqsOf(found)) return 'P1'
  return fields[field]
}

const isOf = ({ floor }: Readonly<Record<string, unknown>>): unknown => (floor as { name?: string } | undefined)?.name
const seqsOf = ({ messages }: Readonly<Record<string, unknown>>): string =>
  `${(messages as readonly { seq: number }[]).map(({ seq }) => seq)}`

/** An outcome in a line of a story. */
export function tell(outcome: Outcome): string {
  if ('error' in outcome) return `refused: ${outcome.error}`
  const parts = looked.flatMap(field => {
    const value = outcome[field]
    if (value === undefined || (field === 'messages' && (value as unknown[]).length === 0)) return []
    return `${field} ${field === 'messages' ? tellMessages(value) : JSON.stringify(value)}`
  })
  return parts.join(', ')
}

const tellMessages = (messages: unknown): string =>
  (messages as readonly { seq: number; sender_id: string; content: string }[])
    .map(({ seq, sender_id, content }) => `${seq} ${sender_id}: ${shortly(content)}`)
    .join(' | ')

/** A text as a story shows it. */
export const shortly = (text: string): string =>
  text.length > 24 ? `${JSON.stringify(text.slice(0, 12))}… (${text.length})` : JSON.stringify(text)
