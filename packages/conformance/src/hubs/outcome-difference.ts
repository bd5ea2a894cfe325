import type { RuleId } from '../kit/rules.ts'
import type { ModelCall, ModelOutcome, ModelRequest } from './reference/reference-room.ts'

/** The fields of an answer that the reference can predict. */
const comparedFields = [
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
type Field = (typeof comparedFields)[number]

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

const actions: Readonly<Record<ModelRequest['action'], RuleId>> = {
  append: 'D5',
  undo: 'D3',
  reset: 'D4',
  preview: 'D1',
  push: 'H1',
  publish: 'H1',
  check: 'C1',
}

/** Returns the rule that `found` breaks and what differs from `expected`; undefined if nothing does. */
export function outcomeDifference(
  call: ModelCall,
  expected: ModelOutcome | undefined,
  found: ModelOutcome | undefined,
  policy: 'hold' | 'annotate',
): { readonly rule: RuleId; readonly what: string } | undefined {
  const { request, former } = call
  const differs = (rule: RuleId, what: string) => ({ rule, what })
  const by = (rule: RuleId): RuleId => {
    if (former) return expected && 'error' in expected && !former.outcome ? 'R2' : 'R1'
    if (request.notification) return 'W3'
    if (request.batch && rule === 'H1') return 'W2'
    return rule
  }
  if (!expected && !found) return undefined
  const { action } = request
  const pushes = action === 'push' || action === 'publish'
  if (!expected) return differs(by(pushes ? 'F4' : action === 'check' ? 'C1' : 'P5'), 'it should wait, but has ended')
  if (!found) return differs(by(pushes ? 'F4' : action === 'check' ? 'C2' : 'P5'), 'it should have ended, but waits')
  if ('error' in expected || 'error' in found) {
    if (expected.error === found.error) return undefined
    const wrong = `it should be ${describe(expected)}, but is ${describe(found)}`
    if (former) return differs(former.request.action === request.action ? by('R1') : 'R2', wrong)
    if (expected.error === 'no-draft') return differs('P2', wrong)
    if (expected.error === 'session-unknown') return differs('A5', wrong)
    if (expected.error === 'invalid-params') return differs('R3', wrong)
    return differs(by(actions[action]), wrong)
  }
  for (const field of comparedFields) {
    const [due, got] = [JSON.stringify(expected[field]), JSON.stringify(found[field])]
    if (due === got) continue
    const what = `${field} should be ${due}, but is ${got}`
    return differs(by(ruleOf(field, call, expected, found, policy)), what)
  }
  return undefined
}

function ruleOf(
  field: Field,
  { request }: ModelCall,
  expected: ModelOutcome,
  found: ModelOutcome,
  policy: string,
): RuleId {
  const { action, after, base } = request
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

/** Describes an outcome in one line. */
export function describe(outcome: ModelOutcome): string {
  if ('error' in outcome) return `rejected: ${outcome.error}`
  const parts = comparedFields.flatMap(field => {
    const value = outcome[field]
    if (value === undefined || (field === 'messages' && (value as unknown[]).length === 0)) return []
    return `${field} ${field === 'messages' ? describeMessages(value) : JSON.stringify(value)}`
  })
  return parts.join(', ')
}

const describeMessages = (messages: unknown): string =>
  (messages as readonly { seq: number; sender_id: string; content: string }[])
    .map(({ seq, sender_id, content }) => `${seq} ${sender_id}: ${abbreviated(content)}`)
    .join(' | ')

/** Quotes a text, shortened if it is long. */
export const abbreviated = (text: string): string =>
  text.length > 24 ? `${JSON.stringify(text.slice(0, 12))}… (${text.length})` : JSON.stringify(text)
